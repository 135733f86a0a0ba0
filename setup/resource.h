/*
 * resource.h - a Communication Services resource, spoken to with its access key
 */
#ifndef CHATRELAY_SETUP_RESOURCE_H
#define CHATRELAY_SETUP_RESOURCE_H

#include "chat/hmac.h"
#include "chat/token_answer.h"
#include "setup/status.h"
#include "setup/web.h"

enum { RESOURCE_MOST_KEYS = 2 };

struct resource {
    struct web *web;                            /* borrowed */
    char *endpoint;                             /* in its normal form, see config/endpoint.h */
    const char *ca_file;                        /* borrowed; NULL: the system's certificates */
    const char *proxy;                          /* likewise; as in struct http_request */
    struct access_key keys[RESOURCE_MOST_KEYS]; /* tried in this order */
    size_t key_count;
};

/*
 * Out of one or two words, each a connection string; where `endpoint` is given, each may
 * also be an access key alone. STATUS_BAD_DATA, with nothing in it, when they are no such thing.
 */
enum status resource_read(struct resource *resource, char *const words[], size_t count,
                          const char *endpoint, struct error *err);

/* Frees and wipes. Also for CLEANUP() and zeroed ones. */
void resource_clear(struct resource *resource);

/*
 * `*identity` is to be freed. STATUS_DENIED: no key of the resource is right. Made in vain when
 * the answer is lost: then nobody knows it.
 */
enum status resource_make_identity(const struct resource *resource, char **identity,
                                   struct error *err);

/* A token for a day. STATUS_NOT_FOUND: there is no such identity, or no more. */
enum status resource_mint(const struct resource *resource, const char *identity,
                          struct fresh_token *token, struct error *err);

/* Azure deletes what it said in chats, too. */
enum status resource_end_identity(const struct resource *resource, const char *identity,
                                  struct error *err);

#endif
