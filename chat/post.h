/*
 * post.h - put messages into the chat, change and remove them: Send, Update and
 * Delete Chat Message
 */
#ifndef CHATRELAY_CHAT_POST_H
#define CHATRELAY_CHAT_POST_H

#include "chat/api.h"

/* All posts under way. */
struct posts;

/* Both are borrowed, until posts_free(). */
struct posts *posts_new(struct api *api, const struct clock *clock);

/* After http_free(), so that nothing comes back. NULL is fine. */
void posts_free(struct posts *posts);

/* See courier.send. `sender` is NULL when there is none of the parcel's name. */
void posts_start(struct posts *posts, struct sender *sender, const struct parcel *parcel,
                 courier_done *done, void *context);

#endif
