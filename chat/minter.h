/*
 * minter.h - access tokens minted over the Identity API
 *
 * With the resource's access key, or with the machine's own identity:
 *
 *     keys    -> signed request --------------------> token
 *     machine -> its metadata service -> bearer ----> token
 */
#ifndef CHATRELAY_CHAT_MINTER_H
#define CHATRELAY_CHAT_MINTER_H

#include "chat/http.h"
#include "chat/token_answer.h"

struct minter;

struct minter_setup {
    struct event_base *loop; /* borrowed for as long as the minter lives, as are the next two */
    struct http *http;
    const struct clock *clock;
    const char *key_file; /* all strings are copied; see access_key_parse() for what is in it */
    const char *managed_identity;      /* used when key_file is NULL, */
    const char *metadata_endpoint;     /* and so is this; see managed_identity.h */
    const char *credentials_directory; /* NULL when there is none */
    const char *endpoint;
    const char *identity;
    const char *ca_file; /* NULL: the system's certificates */
    const char *proxy;   /* as in struct http_request; never on the way to the metadata service */
    msec_t lifetime_ms;
    msec_t connect_timeout_ms;
    msec_t request_timeout_ms;
};

/* `token` may be taken over by setting its text to NULL; it is NULL when there is none. */
typedef void minter_done(void *context, struct fresh_token *token, const struct error *err);

struct minter *minter_new(const struct minter_setup *setup);

/* Not while it is busy, unless its http is gone already. NULL is fine. */
void minter_free(struct minter *minter);

/*
 * Mint a token, one at a time. The key file is read each time: it holds one key or
 * two, primary and secondary, and the second is tried when the first is refused,
 * so that a rotation of keys needs no restart. `done` is called exactly once, from
 * the loop.
 */
void minter_start(struct minter *minter, minter_done *done, void *context);

bool minter_is_busy(const struct minter *minter);

#endif
