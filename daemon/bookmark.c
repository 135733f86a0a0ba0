#include "daemon/bookmark.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void clear(struct bookmark *bookmark)
{
    free(bookmark->endpoint);
    free(bookmark->thread);
    free(bookmark->link);
    *bookmark = (struct bookmark){ 0 };
}

void bookmarks_put(struct bookmarks *bookmarks, const char *endpoint, const char *thread,
                   int64_t id, const char *link)
{
    struct bookmark *bookmark = &bookmarks->latest[bookmarks->next];
    bookmarks->next = (bookmarks->next + 1) % BOOKMARKS;
    struct bookmark latest = {
        .endpoint = xstrdup(endpoint), .thread = xstrdup(thread), .id = id, .link = xstrdup(link)
    };
    clear(bookmark);
    *bookmark = latest;
}

const char *bookmarks_find(const struct bookmarks *bookmarks, const char *endpoint,
                           const char *thread, int64_t id)
{
    for (size_t i = 0; i < BOOKMARKS; i++) {
        const struct bookmark *bookmark = &bookmarks->latest[i];
        if (bookmark->link && bookmark->id == id && strcmp(bookmark->thread, thread) == 0 &&
            strcmp(bookmark->endpoint, endpoint) == 0)
            return bookmark->link;
    }
    return NULL;
}

void bookmarks_clear(struct bookmarks *bookmarks)
{
    for (size_t i = 0; i < BOOKMARKS; i++)
        clear(&bookmarks->latest[i]);
}
