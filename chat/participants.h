/*
 * participants.h - the chat's operations on a thread's participants, as bytes. Pure.
 */
#ifndef CHATRELAY_CHAT_PARTICIPANTS_H
#define CHATRELAY_CHAT_PARTICIPANTS_H

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

#include <stddef.h>

/*
 * All three append. `thread` is the chat's id, not encoded. `page_size` 0: the service chooses how
 * many it gives at a time.
 */
void participants_list_url(struct text *url, const char *endpoint, const char *thread,
                           const char *api_version, int page_size);
void participants_add_url(struct text *url, const char *endpoint, const char *thread,
                          const char *api_version);
void participants_remove_url(struct text *url, const char *endpoint, const char *thread,
                             const char *api_version);

/*
 * Both append. `name` is what the chat shows beside the person's messages. ACS:
 * without a shareHistoryTime a participant sees nothing that was said before: they
 * are shown all since `history_from_at`.
 */
void participants_add_body(struct text *body, const char *identity, const char *name,
                           msec_t history_from_at);
void participants_remove_body(struct text *body, const char *identity);

/*
 * Whether everybody was added. ACS: those who were not are told in
 * {"invalidParticipants":[{"target","code","message"}]} of a 201.
 */
MUST_CHECK bool participants_added(const char *body, size_t length, struct error *err);

struct participant {
    char *identity; /* its raw id */
    char name[160]; /* "" when it has none; free of control characters */
};

struct participants {
    struct participant *items;
    size_t count;
    char *next_link; /* NULL: this is the last page */
};

/* Add a page; `next_link` becomes the page's. False: it is no such page. */
MUST_CHECK bool participants_parse(struct participants *participants, const char *body,
                                   size_t length, struct error *err);

/* Also for CLEANUP() and zeroed ones. */
void participants_clear(struct participants *participants);

#endif
