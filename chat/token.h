/*
 * token.h - a sender's access token: fetched when needed, kept while good
 *
 *     nothing --token_get--> fetching --> kept --renewal--> kept --> ...
 *        ^                                 |
 *        +-----token_discard, expiry-------+
 *
 * However many ask while one is being fetched, it is fetched once. A file is
 * read again as soon as it changes; one whose token has expired by our clock is
 * tried once, since the clock may be wrong. A token that is minted, or printed by a
 * program, is renewed while it is alive; a renewal that fails stops nothing and
 * is repeated with back-off, see renewal.h.
 */
#ifndef CHATRELAY_CHAT_TOKEN_H
#define CHATRELAY_CHAT_TOKEN_H

#include "base/clock.h"
#include "base/error.h"
#include "queue/retry.h"

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct http;
struct token_keeper;

/* Exactly one of the first four is not NULL. */
struct token_source {
    const char *file;             /* holds a user access token: a path or credential:NAME */
    const char *command;          /* prints one: an absolute path and arguments, see program.h */
    const char *key_file;         /* holds access keys or connection strings to mint one with */
    const char *managed_identity; /* mints one with it, see managed_identity.h */
    const char *credentials_directory; /* NULL when there is none */
    const char *metadata_endpoint;     /* with managed_identity */
    const char *endpoint;              /* whom its tokens are for, and where they are minted */
    const char *identity;              /* when minted: whose token */
    msec_t lifetime_ms;                /* likewise: that is asked for */
    struct retry_policy retry;         /* waits after a fetch that failed */
};

struct token {
    const char *text;
    uint64_t serial;   /* tells one token from the next */
    msec_t expires_at; /* MSEC_NEVER when it does not say */
};

/* For those who look after the relay. */
struct token_status {
    bool has_token;       /* one that may be sent */
    bool refused;         /* the chat refused what was read last in the file, and it has no other */
    msec_t obtained_at;   /* when it was fetched, or read from the file; 0: there is none */
    msec_t expires_at;    /* of that token; MSEC_NEVER when it does not say */
    int64_t failures;     /* to get the next one, in a row */
    msec_t failed_at;     /* the latest of them; 0: none */
    msec_t next_at;       /* when it is tried again or renewed; MSEC_NEVER: not by itself */
    struct error failure; /* why; never a secret */
};

/* Getting a token failed, for the first time or for another reason than before; or it works again.
 */
typedef void token_news(void *context, const char *sender, const struct token_status *status);

struct token_setup {
    struct event_base *loop; /* borrowed, as are the next two */
    const struct clock *clock;
    struct http *http;
    void (*random)(void *context, void *bytes, size_t count);
    void *random_context;
    token_news *news; /* NULL: nobody wants to know. Of a file there are none */
    void *news_context;
    const char *sender; /* for the news; strings are copied */
    struct token_source source;
    const char *ca_file; /* NULL: the system's certificates */
    const char *proxy;   /* as in struct http_request */
    msec_t connect_timeout_ms;
    msec_t request_timeout_ms; /* for a program to end, too */
};

/* `token` is NULL when none could be had; `err` then says why. Both are valid during the call only.
 */
typedef void token_ready(void *context, const struct token *token, const struct error *err);

struct token_keeper *token_keeper_new(const struct token_setup *setup);

/*
 * Drops those who wait without calling them, and wipes the token. Not to be called
 * from a `ready`, nor while it is busy unless its http is gone already. NULL is fine.
 */
void token_keeper_free(struct token_keeper *keeper);

/* A request of its own is under way. */
bool token_keeper_is_busy(const struct token_keeper *keeper);

/*
 * No other token any more than the one at hand or on its way: what needs the keeper is about to
 * end, and what its file or program says from now on may be for another server.
 */
void token_keeper_retire(struct token_keeper *keeper);

/*
 * The token, when a good one is at hand; NULL: ask with token_get(). Valid until
 * the keeper is used again.
 */
const struct token *token_at_hand(struct token_keeper *keeper);

/* Calls `ready` exactly once, from the loop. */
void token_get(struct token_keeper *keeper, token_ready *ready, void *context);

/* The chat refused the token with this serial: if it is still kept, wipe it. */
void token_discard(struct token_keeper *keeper, uint64_t serial);

struct token_status token_status(const struct token_keeper *keeper);

#endif
