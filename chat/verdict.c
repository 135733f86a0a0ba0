#include "chat/verdict.h"

#include "base/instant.h"
#include "base/utf8.h"
#include "chat/api_error.h"
#include "chat/header_text.h"
#include "chat/messages.h"
#include "chat/retry_after.h"

#include <stdio.h>
#include <string.h>

struct charge {
    enum outcome outcome;
    enum scope scope;
};

/* A status that is not the request's success. The table is in verdict.h. */
static struct charge charge_of(int status, bool in_api_form)
{
    switch (status) {
    case 400:
        return (struct charge){ OUTCOME_REFUSED, in_api_form ? SCOPE_UNCLEAR : SCOPE_ENDPOINT };
    case 401:
        return (struct charge){ OUTCOME_REFUSED, SCOPE_SENDER };
    case 403:
        return (struct charge){ OUTCOME_REFUSED, in_api_form ? SCOPE_MEMBER : SCOPE_ENDPOINT };
    case 404:
        return (struct charge){ OUTCOME_REFUSED, in_api_form ? SCOPE_THREAD : SCOPE_ENDPOINT };
    case 408:
        return (struct charge){ OUTCOME_DOUBT, SCOPE_ENDPOINT };
    case 413:
    case 415:
        return (struct charge){ OUTCOME_REFUSED, SCOPE_MESSAGE };
    case 429:
        return (struct charge){ OUTCOME_REFUSED, SCOPE_THREAD };
    default:
        break;
    }
    bool definite = status < 200 || (status >= 300 && status < 500);
    return (struct charge){ definite ? OUTCOME_REFUSED : OUTCOME_DOUBT, SCOPE_ENDPOINT };
}

/* What a status says that counts whatever the body; NULL for any other. */
static const char *phrase_of(int status)
{
    switch (status) {
    case 401:
        return "the access token was refused";
    case 413:
        return "the message is too large";
    case 415:
        return "this kind of content is not taken";
    case 429:
        return "too many requests";
    default:
        return NULL;
    }
}

/* Not in the API's form: whose words these are is not known, so they are not repeated. */
static void describe_foreign(struct delivery *delivery, const struct http_reply *reply)
{
    const char *phrase = phrase_of(reply->status);
    char type[40];
    header_text_copy(type, sizeof type, reply->content_type);
    type[strcspn(type, ";")] = '\0';
    if (phrase)
        snprintf(delivery->detail, sizeof delivery->detail, "%d: %s", reply->status, phrase);
    else if (reply->status >= 200 && reply->status < 300)
        snprintf(delivery->detail, sizeof delivery->detail,
                 "%d, which is no answer of the chat's to this request", reply->status);
    else
        snprintf(delivery->detail, sizeof delivery->detail,
                 "%d, not in the form of the chat's own errors (%s)", reply->status,
                 type[0] ? type : "no content type");
}

static void describe_error(struct delivery *delivery, const struct http_reply *reply,
                           const struct api_error *error)
{
    snprintf(delivery->detail, sizeof delivery->detail, "%d %s%s%s", reply->status, error->code,
             error->message[0] ? ": " : "", error->message);
}

/* Said behind what the chat said, of which as much stays as there is room for. */
static void cut_wait(struct delivery *delivery, const char *asked, const char *unit)
{
    enum { LONGEST_SHOWN = 32 };
    char note[96];
    bool whole = strlen(asked) <= LONGEST_SHOWN;
    snprintf(note, sizeof note, "; Retry-After of %.*s%s%s cut to 1h", LONGEST_SHOWN, asked,
             whole ? "" : "...", unit);
    size_t room = sizeof delivery->detail - strlen(note) - 1;
    size_t kept = utf8_cut(delivery->detail, strlen(delivery->detail), room);
    memcpy(delivery->detail + kept, note, strlen(note) + 1);
    delivery->wait_ms = COURIER_LONGEST_WAIT_MS;
}

static void read_wait(struct delivery *delivery, const struct http_reply *reply, msec_t now_at)
{
    const char *asked = reply->retry_after_ms, *unit = " ms";
    delivery->wait_ms = retry_after_parse_ms(asked);
    if (delivery->wait_ms == DELIVERY_NO_WAIT) {
        asked = reply->retry_after;
        delivery->wait_ms = retry_after_parse(asked, reply->date, now_at);
        unit = asked && strchr(asked, ' ') ? "" : " s"; /* an HTTP-date has blanks */
    }
    if (asked && delivery->wait_ms > COURIER_LONGEST_WAIT_MS)
        cut_wait(delivery, asked, unit);
}

static void judge_failure(struct delivery *delivery, const struct http_reply *reply, msec_t now_at)
{
    struct api_error error;
    bool in_api_form = api_error_parse(reply->body, reply->body_length, &error);
    struct charge charge = charge_of(reply->status, in_api_form);
    delivery->outcome = charge.outcome;
    delivery->scope = charge.scope;
    delivery->throttled = reply->status == 429;
    memcpy(delivery->code, error.code, sizeof delivery->code);
    if (in_api_form)
        describe_error(delivery, reply, &error);
    else
        describe_foreign(delivery, reply);
    read_wait(delivery, reply, now_at);
}

/* No answer, or half of one: what matters is how far the request got. */
static void judge_silence(struct delivery *delivery, const struct http_reply *reply)
{
    bool unsent = reply->progress == HTTP_NOTHING_SENT;
    delivery->outcome = unsent ? OUTCOME_UNSENT : OUTCOME_DOUBT;
    delivery->scope = SCOPE_ENDPOINT;
    snprintf(delivery->code, sizeof delivery->code, "%s", http_failure_name(reply->failure));
    utf8_copy(delivery->detail, sizeof delivery->detail, reply->failure_text);
}

static void read_clock(struct delivery *delivery, const struct http_reply *reply, msec_t now_at)
{
    msec_t answered_at = 0;
    delivery->dated = reply->date && instant_parse_http(reply->date, &answered_at);
    if (delivery->dated)
        delivery->clock_ahead_ms = answered_at - now_at;
}

static struct delivery judge(const struct http_reply *reply, int success, msec_t now_at)
{
    struct delivery delivery = {
        .http = reply->status,
        .wait_ms = DELIVERY_NO_WAIT,
        .connect_ms = reply->connect_ms,
        .request_ms = reply->request_ms,
    };
    header_text_copy(delivery.cv, sizeof delivery.cv, reply->ms_cv);
    read_clock(&delivery, reply, now_at);
    if (reply->progress != HTTP_ANSWERED)
        judge_silence(&delivery, reply);
    else if (reply->status == success)
        delivery.outcome = OUTCOME_SENT;
    else
        judge_failure(&delivery, reply, now_at);
    return delivery;
}

struct delivery verdict_of_send(const struct http_reply *reply, msec_t now_at)
{
    struct delivery delivery = judge(reply, 201, now_at);
    if (delivery.outcome == OUTCOME_SENT)
        messages_remote_id(reply->body, reply->body_length, reply->location, delivery.remote_id);
    return delivery;
}

struct delivery verdict_of_change(const struct http_reply *reply, const struct message *message,
                                  msec_t now_at)
{
    struct delivery delivery = judge(reply, reply->status == 200 ? 200 : 204, now_at);
    bool is_no = delivery_is_no_of_thread(&delivery);
    if (is_no && delivery.http == 404 && message->kind == MESSAGE_DELETE) {
        delivery.outcome = OUTCOME_SENT;
        delivery.scope = SCOPE_NONE;
        snprintf(delivery.detail, sizeof delivery.detail, "it was gone already");
    } else if (is_no) {
        delivery.scope = SCOPE_UNCLEAR;
    }
    if (delivery.outcome == OUTCOME_SENT)
        snprintf(delivery.remote_id, sizeof delivery.remote_id, "%s", message->remote_id);
    return delivery;
}

struct delivery verdict_of_list(const struct http_reply *reply, msec_t now_at)
{
    struct delivery delivery = judge(reply, 200, now_at);
    if (delivery.outcome == OUTCOME_SENT && reply->failure != HTTP_FAILURE_NONE)
        judge_silence(&delivery, reply);
    else if (delivery.scope == SCOPE_UNCLEAR)
        delivery.scope = SCOPE_THREAD;
    else if (delivery.scope == SCOPE_MESSAGE)
        delivery.scope = SCOPE_ENDPOINT;
    return delivery;
}
