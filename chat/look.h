/*
 * look.h - find our own messages in a thread: List Chat Messages, page by page
 *
 * A look ends with the last page, with a page that was read before, or when
 * nothing is left to be found. Where a page is longer than we take in at once,
 * it starts again with smaller pages. Every page waits until the look's budget
 * allows it: one that the chat throttles half-way would have to begin anew, forever.
 */
#ifndef CHATRELAY_CHAT_LOOK_H
#define CHATRELAY_CHAT_LOOK_H

#include "chat/api.h"

enum { LOOK_MOST_PAGES = 1000 };

/* All looks under way. */
struct looks;

/* `api`, `loop` and `clock` are borrowed. */
struct looks *looks_new(struct api *api, struct event_base *loop, const struct clock *clock);

/*
 * Which identities are ours, one a line; copied. A digest of anybody else is not
 * believed to have our messages in it: whoever is in the thread can read a stamp and
 * name it. "": nobody knows, and each is believed. A message's own stamp needs no
 * such proof: before it appeared nobody could know it.
 */
void looks_know_authors(struct looks *looks, const char *authors);

/* After http_free(), so that nothing comes back. NULL is fine. */
void looks_free(struct looks *looks);

/* See courier.look. `sender` is NULL when there is none of the look's name. */
void looks_start(struct looks *looks, struct sender *sender, const struct look *look,
                 look_done *done, void *context);

#endif
