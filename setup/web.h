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
    char *body, *location, *ms_cv, *failure_text;
};

/* Wipes it, for it may have brought a token. Also for CLEANUP() and zeroed ones. */
void web_reply_clear(struct web_reply *reply);

/* Returns when the answer is there or the request's time is over. */
void web_ask(struct web *web, const struct http_request *request, struct web_reply *reply);

void web_wait(struct web *web, msec_t duration_ms);

#endif
