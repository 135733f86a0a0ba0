/*
 * thread_list.h - the chat's operation List Chat Threads, as bytes. Pure.
 */
#ifndef CHATRELAY_CHAT_THREAD_LIST_H
#define CHATRELAY_CHAT_THREAD_LIST_H

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#include <stddef.h>

/* Appends. Lists the threads that the token's user is in. */
void thread_list_url(struct text *url, const char *endpoint, const char *api_version);

struct listed_thread {
    char *id;
    char topic[160];   /* free of control characters */
    msec_t last_at;    /* when its last message arrived; 0: it does not say */
    msec_t deleted_at; /* 0: it is not */
};

struct thread_list {
    struct listed_thread *threads;
    size_t count;
    char *next_link; /* NULL: this is the last page */
};

/* Add a page to the list; its `next_link` becomes the page's. False: it is no such page. */
MUST_CHECK bool thread_list_parse(struct thread_list *list, const char *body, size_t length,
                                  struct error *err);

/* Also for CLEANUP() and zeroed ones. */
void thread_list_clear(struct thread_list *list);

#endif
