/*
 * fetcher.h - gets fresh access tokens: mints them, or has a program of the operator's print them
 */
#ifndef CHATRELAY_CHAT_FETCHER_H
#define CHATRELAY_CHAT_FETCHER_H

#include "chat/token.h"
#include "chat/token_answer.h"

struct fetcher;

/* `token` may be taken over by setting its text to NULL; it is NULL when there is none. */
typedef void fetcher_done(void *context, struct fresh_token *token, const struct error *err);

/* Of a source that is no file. */
struct fetcher *fetcher_new(const struct token_setup *setup);

/*
 * Ends its program and calls nobody. Not while it is busy, unless its http is gone already.
 * NULL is fine.
 */
void fetcher_free(struct fetcher *fetcher);

/* One at a time. `done` is called exactly once, from the loop. */
void fetcher_start(struct fetcher *fetcher, fetcher_done *done, void *context);

/* A request of its own is under way. */
bool fetcher_is_busy(const struct fetcher *fetcher);

#endif
