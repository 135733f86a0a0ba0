#include "setup/web.h"

#include "base/duration.h"
#include "base/memory.h"
#include "chat/retry_after.h"
#include "queue/courier.h"
#include "setup/patience.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct web {
    struct event_base *loop;
    struct http *http;
    struct web_reply *reply; /* of the request under way */
};

struct web *web_new(const char *user_agent, struct error *err)
{
    struct web *web = xcalloc(1, sizeof *web);
    web->loop = event_base_new();
    web->http = web->loop ? http_new(web->loop, user_agent, err) : NULL;
    if (web->http)
        return web;
    if (!web->loop)
        error_set(err, "there is no event loop on this machine");
    web_free(web);
    return NULL;
}

void web_free(struct web *web)
{
    if (!web)
        return;
    http_free(web->http);
    if (web->loop)
        event_base_free(web->loop);
    free(web);
}

void web_reply_clear(struct web_reply *reply)
{
    if (reply->body)
        explicit_bzero(reply->body, reply->said.body_length);
    free(reply->body);
    free(reply->location);
    free(reply->ms_cv);
    free(reply->failure_text);
    *reply = (struct web_reply){ 0 };
}

static msec_t wait_of(const struct http_reply *said)
{
    msec_t wait_ms = retry_after_parse_ms(said->retry_after_ms);
    return wait_ms != DELIVERY_NO_WAIT
               ? wait_ms
               : retry_after_parse(said->retry_after, said->date, clock_now(&clock_system).at);
}

static void on_done(void *context, const struct http_reply *said)
{
    struct web *web = context;
    struct web_reply *reply = web->reply;
    *reply = (struct web_reply){
        .said = *said,
        .wait_ms = wait_of(said),
        .body = xmemdup0(said->body, said->body_length),
        .location = xstrdup_or_null(said->location),
        .ms_cv = xstrdup_or_null(said->ms_cv),
        .failure_text = xstrdup(said->failure_text),
    };
    reply->said.body = reply->body;
    reply->said.location = reply->location;
    reply->said.ms_cv = reply->ms_cv;
    reply->said.failure_text = reply->failure_text;
    reply->said.retry_after = reply->said.retry_after_ms = NULL;
    reply->said.date = reply->said.content_type = NULL;
    event_base_loopbreak(web->loop);
}

static void ask_once(struct web *web, const struct http_request *request, struct web_reply *reply)
{
    web_reply_clear(reply);
    web->reply = reply;
    http_start(web->http, request, on_done, web);
    event_base_dispatch(web->loop);
}

void web_ask(struct web *web, const struct http_request *request, enum web_repeat repeat,
             struct web_reply *reply)
{
    struct patience patience = { 0 };
    msec_t wait_ms = 0;
    ask_once(web, request, reply);
    while (patience_wait(&patience, reply->said.status, reply->wait_ms, repeat == WEB_REPEATABLE,
                         &wait_ms)) {
        char text[DURATION_LONGEST_TEXT];
        duration_say(wait_ms, text);
        fprintf(stderr, "The service is busy (%d); asking again in %s.\n", reply->said.status,
                text);
        web_wait(web, wait_ms);
        ask_once(web, request, reply);
    }
}

void web_wait(struct web *web, msec_t duration_ms)
{
    const struct timeval duration = { duration_ms / 1000, duration_ms % 1000 * 1000 };
    event_base_loopexit(web->loop, &duration);
    event_base_loop(web->loop, EVLOOP_NO_EXIT_ON_EMPTY);
}
