/*
 * sender.h - one identity that we post as
 */
#ifndef CHATRELAY_CHAT_SENDER_H
#define CHATRELAY_CHAT_SENDER_H

#include "chat/courier.h"
#include "chat/token.h"

#include <stddef.h>

struct http;

struct sender {
    char *name;
    char *endpoint; /* where its tokens may go, and nowhere else */
    struct token_keeper *tokens;
    char *display_name; /* or NULL */
    char *api_version;
    char *ca_file; /* or NULL */
    char *proxy;   /* or NULL */
    msec_t connect_timeout_ms;
    msec_t request_timeout_ms;
    size_t users;   /* pieces of work under way that need it, after a reload too */
    char *spelling; /* all its settings, for sender_has_settings() */
};

/* False when `settings` lacks something or holds nonsense. */
MUST_CHECK bool sender_check(const struct chat_sender *settings, struct error *err);

/* `settings` have been checked and are copied; what `setup` and `http` mean is borrowed. */
struct sender *sender_new(const struct chat_setup *setup, struct http *http,
                          const struct chat_sender *settings);

/* Not while it is busy, unless its http is gone already. */
void sender_free(struct sender *sender);

/* Whether a sender made of `settings` would be the same: then it may stay, with its token. */
bool sender_has_settings(const struct sender *sender, const struct chat_sender *settings);

/* Something that is under way still needs it. */
bool sender_is_busy(const struct sender *sender);

#endif
