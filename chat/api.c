#include "chat/api.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "chat/url.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* The chat answers within a second; a connection silent for so long is dead. */
enum { LONGEST_SILENCE_MS = 20 * 1000 };

enum { CLIENT_ID_HEADER_SIZE = 64 };

struct call {
    LIST_ENTRY(call) links;
    struct api *api;
    struct sender *sender;
    struct api_request request;
    uint64_t token_serial;  /* of the token it was made with */
    msec_t token_ms;        /* how long that took to fetch; 0 when one was at hand */
    msec_t began_steady_at; /* waiting for it */
    struct event later;     /* pending while it is to fail in the next turn, for the next two */
    const char *code, *reason;
    api_done *done;
    void *context;
};

struct api {
    struct event_base *loop;
    const struct clock *clock;
    struct http *http;
    void (*random)(void *context, void *bytes, size_t count);
    void *random_context;
    uint8_t dice[16 * UUID_RANDOM_BYTES]; /* drawn for many requests at a time */
    size_t dice_left;
    LIST_HEAD(, call) calls; /* all under way */
};

struct api *api_new(const struct chat_setup *setup, struct http *http)
{
    struct api *api = xcalloc(1, sizeof *api);
    api->loop = setup->loop;
    api->clock = setup->clock;
    api->http = http;
    api->random = setup->random;
    api->random_context = setup->random_context;
    LIST_INIT(&api->calls);
    return api;
}

static void call_free(struct call *call)
{
    LIST_REMOVE(call, links);
    event_del(&call->later);
    free(call);
}

void api_free(struct api *api)
{
    if (!api)
        return;
    for (struct call *call = LIST_FIRST(&api->calls), *next = NULL; call; call = next) {
        next = LIST_NEXT(call, links);
        call_free(call);
    }
    free(api);
}

static void end_unsent(struct call *call, const char *code, const char *reason)
{
    struct delivery unsent = { .outcome = OUTCOME_UNSENT,
                               .scope = SCOPE_SENDER,
                               .wait_ms = DELIVERY_NO_WAIT,
                               .connect_ms = call->token_ms };
    snprintf(unsent.code, sizeof unsent.code, "%s", code);
    utf8_copy(unsent.detail, sizeof unsent.detail, reason);
    api_done *done = call->done;
    void *context = call->context;
    call_free(call);
    done(context, NULL, &unsent);
}

static void on_reply(void *context, const struct http_reply *reply)
{
    struct call *call = context;
    struct http_reply whole = *reply; /* with what came before the request */
    whole.connect_ms += call->token_ms;
    if (reply->status == 401)
        token_discard(call->sender->tokens, call->token_serial);
    api_done *done = call->done;
    void *done_context = call->context;
    call_free(call);
    done(done_context, &whole, NULL);
}

static void draw(struct api *api, uint8_t bytes[UUID_RANDOM_BYTES])
{
    if (api->dice_left == 0) {
        api->random(api->random_context, api->dice, sizeof api->dice);
        api->dice_left = sizeof api->dice;
    }
    memcpy(bytes, api->dice + sizeof api->dice - api->dice_left, UUID_RANDOM_BYTES);
    api->dice_left -= UUID_RANDOM_BYTES;
}

/* Azure's support finds a request by it. */
static void write_client_id(struct api *api, char header[CLIENT_ID_HEADER_SIZE])
{
    uint8_t random[UUID_RANDOM_BYTES];
    draw(api, random);
    uuid_write(random, stpcpy(header, "x-ms-client-request-id: "));
}

static const char json_type[] = "Content-Type: application/json";

/* libcurl puts headers together a byte at a time: none is sent that says nothing. */
static void start(struct call *call, const struct token *token)
{
    const struct api_request *request = &call->request;
    const struct sender *sender = call->sender;
    char client_id[CLIENT_ID_HEADER_SIZE];
    write_client_id(call->api, client_id);
    const char *type = request->content_type ? request->content_type : json_type;
    call->token_serial = token->serial;

    struct http_request http_request = {
        .method = request->method,
        .url = request->url,
        .bearer = token->text,
        .headers = { client_id, request->body ? type : NULL },
        .body = request->body,
        .body_length = request->body_length,
        .ca_file = sender->ca_file,
        .proxy = sender->proxy,
        .connect_timeout_ms = sender->connect_timeout_ms,
        .silence_timeout_ms = LONGEST_SILENCE_MS,
        .timeout_ms = sender->request_timeout_ms,
        .longest_reply = request->longest_reply,
    };
    http_start(call->api->http, &http_request, on_reply, call);
}

static void on_token(void *context, const struct token *token, const struct error *err)
{
    struct call *call = context;
    call->token_ms = clock_now(call->api->clock).steady_at - call->began_steady_at;
    if (token)
        start(call, token);
    else
        end_unsent(call, "token", err->text);
}

static void on_later(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct call *call = context;
    end_unsent(call, call->code, call->reason);
}

static void end_later(struct call *call, const char *code, const char *reason)
{
    struct timeval at_once = { 0, 0 };
    call->code = code;
    call->reason = reason;
    event_add(&call->later, &at_once);
}

/* With a token: the only way to start(). */
static void authorize(struct call *call)
{
    struct token_keeper *tokens = call->sender->tokens;
    const struct token *token = token_at_hand(tokens);
    if (token) {
        start(call, token);
    } else {
        call->began_steady_at = clock_now(call->api->clock).steady_at;
        token_get(tokens, on_token, call);
    }
}

void api_call(struct api *api, struct sender *sender, const struct api_request *request,
              api_done *done, void *context)
{
    struct call *call = xcalloc(1, sizeof *call);
    *call = (struct call){
        .api = api, .sender = sender, .request = *request, .done = done, .context = context
    };
    LIST_INSERT_HEAD(&api->calls, call, links);
    event_assign(&call->later, api->loop, -1, 0, on_later, call);

    if (!sender)
        end_later(call, "sender", "the settings have no sender of this name");
    else if (!url_is_at(request->url, sender->endpoint))
        end_later(call, "endpoint", "the settings have another endpoint for this sender now");
    else
        authorize(call);
}
