/*
 * thread.h - the chat's operation Get Chat Thread Properties, as bytes. Pure.
 */
#ifndef CHATRELAY_CHAT_THREAD_H
#define CHATRELAY_CHAT_THREAD_H

#include "base/error.h"
#include "base/text.h"
#include "queue/courier.h"

#include <stddef.h>

/* Appends. `endpoint` may end in a slash; `thread` is the chat's id, not encoded. */
void thread_url(struct text *url, const char *endpoint, const char *thread,
                const char *api_version);

/*
 * Read {"id","topic","createdOn",...}. Fields that we do not know are ignored, and
 * those that say nothing we understand are as if they were not there. False, with
 * nothing read, when it has no id: then it is not a thread's.
 */
MUST_CHECK bool thread_parse(struct thread_properties *properties, const char *body, size_t length,
                             struct error *err);

#endif
