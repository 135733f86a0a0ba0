/*
 * web.h - HTTP for a program that has nothing else to do: ask, and wait for the answer
 */
#ifndef CHATRELAY_SETUP_WEB_H
#define CHATRELAY_SETUP_WEB_H

#include "chat/http.h"

struct web;

MUST_CHECK struct web *web_new(const char *user_agent, struct error *err);

/* NULL is fine. */
void web_free(struct web *web);

/* An answer of which nothing is borrowed. */
struct web_reply {
    struct http_reply said; /* its strings are those below */
    msec_t wait_ms;         /* how long it asks us to wait; DELIVERY_NO_WAIT: it does not say */
    char *body, *location, *ms_cv, *failure_text;
};

/* Wipes it, for it may have brought a token. Also for CLEANUP() and zeroed ones. */
void web_reply_clear(struct web_reply *reply);

/* Whether it does no harm to carry a request out twice. */
enum web_repeat { WEB_ONCE, WEB_REPEATABLE };

/*
 * Returns when the answer is there or the request's time is over. While the service
 * is too busy and it does no harm (patience.h), it is asked again for some seconds,
 * and standard error says so.
 */
void web_ask(struct web *web, const struct http_request *request, enum web_repeat repeat,
             struct web_reply *reply);

void web_wait(struct web *web, msec_t duration_ms);

#endif
