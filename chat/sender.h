/*
 * sender.h - one identity that we post as
 */
#ifndef CHATRELAY_CHAT_SENDER_H
#define CHATRELAY_CHAT_SENDER_H

#include "chat/courier.h"
#include "chat/token.h"

#include <stddef.h>

struct sender {
    char *name;
    struct token_keeper *tokens;
    char *display_name; /* or NULL */
    char *api_version;
    char *ca_file; /* or NULL */
    msec_t connect_timeout_ms;
    msec_t request_timeout_ms;
    size_t users; /* pieces of work under way that need it, after a reload too */
};

/* NULL when `settings` lacks something or holds nonsense. */
MUST_CHECK struct sender *sender_new(struct event_base *loop, const struct clock *clock,
                                     const struct chat_sender *settings, struct error *err);
void sender_free(struct sender *sender);

#endif
