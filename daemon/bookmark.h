/*
 * bookmark.h - where reading of a thread went on, for whoever asks for the page after
 *
 * The chat's links to older pages are kept here and not given away: nobody is to
 * have the relay follow a link of their own. A client names the message it has
 * come to; a page that is not remembered any more is found again from the newest.
 */
#ifndef CHATRELAY_DAEMON_BOOKMARK_H
#define CHATRELAY_DAEMON_BOOKMARK_H

#include <stddef.h>
#include <stdint.h>

enum { BOOKMARKS = 32 };

struct bookmark {
    char *endpoint, *thread; /* the latter is the chat's id of it */
    int64_t id;              /* the oldest message that was read */
    char *link;
};

/* The latest ones. Zeroed, it is empty. */
struct bookmarks {
    struct bookmark latest[BOOKMARKS];
    size_t next;
};

/* Strings are copied. */
void bookmarks_put(struct bookmarks *bookmarks, const char *endpoint, const char *thread,
                   int64_t id, const char *link);

/* NULL when nothing is remembered; valid until the next one is put in. */
const char *bookmarks_find(const struct bookmarks *bookmarks, const char *endpoint,
                           const char *thread, int64_t id);

void bookmarks_clear(struct bookmarks *bookmarks);

#endif
