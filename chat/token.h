/*
 * token.h - a sender's access token: fetched when needed, kept while good
 *
 *     nothing --token_get--> fetching --> kept --token_discard, expiry--> nothing
 *
 * However many ask while one is being fetched, it is fetched once. A file is
 * read again as soon as it changes.
 */
#ifndef CHATRELAY_CHAT_TOKEN_H
#define CHATRELAY_CHAT_TOKEN_H

#include "base/clock.h"
#include "base/error.h"

#include <stdint.h>

struct event_base;
struct token_keeper;

struct token_source {
    const char *file;                  /* holds a user access token: a path or credential:NAME */
    const char *credentials_directory; /* NULL when there is none */
};

struct token {
    const char *text;
    uint64_t serial;   /* tells one token from the next */
    msec_t expires_at; /* MSEC_NEVER when it does not say */
};

/* `token` is NULL when none could be had; `err` then says why. Both are valid during the call only.
 */
typedef void token_ready(void *context, const struct token *token, const struct error *err);

/* `loop` and `clock` are borrowed, `source` is copied. */
struct token_keeper *token_keeper_new(struct event_base *loop, const struct clock *clock,
                                      const struct token_source *source);

/*
 * Drops those who wait without calling them, and wipes the token. Not to be called
 * from a `ready`. NULL is fine.
 */
void token_keeper_free(struct token_keeper *keeper);

/*
 * The token, when a good one is at hand; NULL: ask with token_get(). Valid until
 * the keeper is used again.
 */
const struct token *token_at_hand(struct token_keeper *keeper);

/* Calls `ready` exactly once, from the loop. */
void token_get(struct token_keeper *keeper, token_ready *ready, void *context);

/* The chat refused the token with this serial: if it is still kept, wipe it. */
void token_discard(struct token_keeper *keeper, uint64_t serial);

#endif
