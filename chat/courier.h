/*
 * courier.h - the courier that carries messages to the ACS Chat API
 */
#ifndef CHATRELAY_CHAT_COURIER_H
#define CHATRELAY_CHAT_COURIER_H

#include "base/clock.h"
#include "base/error.h"
#include "chat/token.h"
#include "queue/courier.h"

#include <stddef.h>

struct event_base;
struct chat;
struct question;
struct chat_answer;

struct chat_setup {
    struct event_base *loop;   /* borrowed for as long as the chat lives, as is the clock */
    const struct clock *clock; /* dates tokens and answers */
    /* Fill with random bytes (for x-ms-client-request-id); NULL: the kernel's. */
    void (*random)(void *context, void *bytes, size_t count);
    void *random_context;
    token_news *token_news; /* called from the loop; NULL: nobody wants to know */
    void *token_news_context;
    const char *user_agent; /* copied; such as "chatrelay/1.0" */
};

/* One [sender] of the settings. */
struct chat_sender {
    const char *name;
    struct token_source token;
    const char *display_name; /* of messages that bring none; NULL for none */
    const char *api_version;  /* such as 2025-03-15 */
    const char *ca_file;      /* NULL: the system's certificates */
    const char *proxy;        /* as in struct http_request */
    msec_t connect_timeout_ms;
    msec_t request_timeout_ms;
};

MUST_CHECK struct chat *chat_new(const struct chat_setup *setup, struct error *err);

/*
 * Gives up whatever is under way; nothing is called back. Not to be called from a
 * `done`. NULL is fine.
 */
void chat_free(struct chat *chat);

/*
 * Set or replace all senders; everything is copied. One whose settings stay the same
 * keeps its token, and what is under way keeps what it started with; a question of several pages
 * is one for each page. A token goes to the endpoint of its sender alone: what is to ask elsewhere
 * in the sender's name, since it began with older settings, ends unsent. False, with nothing
 * changed, when two have the same name or one lacks something it needs. Not to be called from a
 * `done`.
 */
MUST_CHECK bool chat_configure(struct chat *chat, const struct chat_sender *senders, size_t count,
                               struct error *err);

/* Which identities are ours, and were: see looks_know_authors(). */
void chat_know_authors(struct chat *chat, const char *authors);

/* How a sender's token is; false when there is no sender of this name. */
bool chat_token_status(const struct chat *chat, const char *sender, struct token_status *status);

/*
 * Valid as long as the chat. An attempt whose sender is unknown or has no token
 * ends unsent, charged to the sender. A refused token (401) is discarded: the
 * next attempt fetches another.
 */
struct courier chat_courier(struct chat *chat);

/*
 * Ask the chat what people want to know, see question.h. `done` is called once, from
 * the loop, unless the chat is freed first.
 */
void chat_ask(struct chat *chat, const struct question *question,
              void (*done)(void *context, const struct chat_answer *answer), void *context);

#endif
