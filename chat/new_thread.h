/*
 * new_thread.h - the chat's operation Create Chat Thread, as bytes. Pure.
 *
 * ACS: with the same repeatability-request-id, the same user gets the same thread
 * again instead of another one.
 */
#ifndef CHATRELAY_CHAT_NEW_THREAD_H
#define CHATRELAY_CHAT_NEW_THREAD_H

#include "base/error.h"
#include "base/text.h"

#include <stddef.h>

/* Both append. This speaks the first version that knows retentionPolicy. */
void new_thread_url(struct text *url, const char *endpoint);

/*
 * A thread that is kept until somebody deletes it: `retentionPolicy` is said to be
 * none, for what the service does when nothing is said has changed before.
 * `topic` is UTF-8.
 */
void new_thread_body(struct text *body, const char *topic);

/*
 * The id of the thread that was made, from {"chatThread":{"id"}} or, where that
 * is missing, from the Location header (NULL: none). To be freed; NULL when neither has one.
 */
MUST_CHECK char *new_thread_parse(const char *body, size_t length, const char *location,
                                  struct error *err);

#endif
