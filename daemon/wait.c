#include "daemon/wait.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static struct wait **bucket_of(struct waits *waits, int64_t id)
{
    return &waits->buckets[(uint64_t)id % WAIT_BUCKETS];
}

static void put(struct waits *waits, struct wait *wait, struct wait **list)
{
    wait->link = list;
    wait->next_of_message = *wait->link;
    if (wait->next_of_message)
        wait->next_of_message->link = &wait->next_of_message;
    *wait->link = wait;
    waits->count++;
}

static void take_out(struct waits *waits, struct wait *wait)
{
    if (!wait->link)
        return;
    waits->count--;
    *wait->link = wait->next_of_message;
    if (wait->next_of_message)
        wait->next_of_message->link = wait->link;
    wait->link = NULL;
    wait->next_of_message = NULL;
}

static struct wait *new_wait(struct peer *peer, const char *ref)
{
    struct wait *wait = xcalloc(1, sizeof *wait);
    wait->peer = peer;
    wait->ref = xstrdup_or_null(ref);
    wait->size_bytes = sizeof *wait + (ref ? strlen(ref) : 0);
    agenda_item_init(&wait->deadline);
    return wait;
}

struct wait *wait_new_known(struct peer *peer, const char *ref, struct wait **known_as)
{
    struct wait *wait = new_wait(peer, ref);
    wait->known_as = known_as;
    *known_as = wait;
    return wait;
}

struct wait *wait_new(struct waits *waits, struct peer *peer, const struct request *request,
                      int64_t asked, struct moment now)
{
    struct wait *wait = new_wait(peer, request->ref);
    wait->asked = asked;
    wait->goal = request->goal;
    if (request->timeout_ms >= 0)
        agenda_put(&waits->deadlines, &wait->deadline,
                   msec_add(now.steady_at, request->timeout_ms));
    wait->id = asked;
    put(waits, wait, bucket_of(waits, asked));
    return wait;
}

void wait_follow(struct waits *waits, struct wait *wait, int64_t id)
{
    take_out(waits, wait);
    wait->id = id;
    put(waits, wait, bucket_of(waits, id));
}

void wait_unlist(struct waits *waits, struct wait *wait)
{
    agenda_remove(&waits->deadlines, &wait->deadline);
    if (wait->known_as)
        *wait->known_as = NULL;
    wait->known_as = NULL;
    take_out(waits, wait);
}

void wait_free(struct waits *waits, struct wait *wait)
{
    wait_unlist(waits, wait);
    draft_clear(&wait->answer);
    draft_clear(&wait->behind);
    free(wait->ref);
    free(wait);
}

static struct wait *first_for(struct wait *wait, int64_t id)
{
    while (wait && wait->id != id)
        wait = wait->next_of_message;
    return wait;
}

bool waits_any_for(const struct waits *waits, int64_t id)
{
    return first_for(waits->buckets[(uint64_t)id % WAIT_BUCKETS], id) != NULL;
}

static void call(struct waits *waits, struct wait *wait)
{
    take_out(waits, wait);
    put(waits, wait, &waits->called);
}

void waits_call(struct waits *waits, int64_t id)
{
    struct wait *next = NULL;
    for (struct wait *wait = first_for(*bucket_of(waits, id), id); wait; wait = next) {
        next = first_for(wait->next_of_message, id);
        call(waits, wait);
    }
}

void waits_call_all(struct waits *waits)
{
    for (size_t i = 0; i < WAIT_BUCKETS; i++)
        while (waits->buckets[i])
            call(waits, waits->buckets[i]);
}

struct wait *waits_called(const struct waits *waits)
{
    return waits->called;
}

bool waits_any(const struct waits *waits)
{
    return waits->count > 0;
}

static struct wait *wait_of_item(struct agenda_item *item)
{
    return (struct wait *)(void *)((char *)item - offsetof(struct wait, deadline));
}

struct wait *waits_late(const struct waits *waits, struct moment now)
{
    struct agenda_item *item = agenda_first(&waits->deadlines);
    return item && item->at <= now.steady_at ? wait_of_item(item) : NULL;
}

msec_t waits_next_ms(const struct waits *waits, struct moment now)
{
    const struct agenda_item *item = agenda_first(&waits->deadlines);
    return item ? msec_max(item->at - now.steady_at, 0) : MSEC_NEVER;
}

void waits_clear(struct waits *waits)
{
    agenda_clear(&waits->deadlines);
}
