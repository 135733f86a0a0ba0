/*
 * look.h - find our own messages in a thread: List Chat Messages, page by page
 *
 * A look ends with the last page, with a page that was read before, or when
 * nothing is left to be found. Where a page is longer than we take in at once,
 * it starts again with smaller pages. After the first pages it takes its time:
 * a look that the chat throttles half-way would have to begin anew, forever.
 */
#ifndef CHATRELAY_CHAT_LOOK_H
#define CHATRELAY_CHAT_LOOK_H

#include "chat/api.h"

enum { LOOK_MOST_PAGES = 1000 };

/* All looks under way. */
struct looks;

/*
 * `api`, `loop` and `clock` are borrowed. `page_pause_ms` passes between the pages
 * of a long look; 0: as long as the chat's limits ask for.
 */
struct looks *looks_new(struct api *api, struct event_base *loop, const struct clock *clock,
                        msec_t page_pause_ms);

/* After http_free(), so that nothing comes back. NULL is fine. */
void looks_free(struct looks *looks);

/* See courier.look. `sender` is NULL when there is none of the look's name. */
void looks_start(struct looks *looks, struct sender *sender, const struct look *look,
                 look_done *done, void *context);

#endif
