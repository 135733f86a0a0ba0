#include "queue/agenda.h"

#include "base/memory.h"

#include <stdlib.h>

void agenda_clear(struct agenda *agenda)
{
    free(agenda->items);
    *agenda = (struct agenda){ 0 };
}

void agenda_item_init(struct agenda_item *item)
{
    *item = (struct agenda_item){ .position = AGENDA_OUTSIDE };
}

static bool is_before(const struct agenda_item *one, const struct agenda_item *other)
{
    return one->at < other->at || (one->at == other->at && one->ticket < other->ticket);
}

static void place(struct agenda *agenda, struct agenda_item *item, size_t position)
{
    agenda->items[position] = item;
    item->position = position;
}

static void sift_up(struct agenda *agenda, struct agenda_item *item)
{
    size_t position = item->position;
    while (position > 0 && is_before(item, agenda->items[(position - 1) / 2])) {
        place(agenda, agenda->items[(position - 1) / 2], position);
        position = (position - 1) / 2;
    }
    place(agenda, item, position);
}

static void sift_down(struct agenda *agenda, struct agenda_item *item)
{
    size_t position = item->position;
    for (;;) {
        size_t child = 2 * position + 1;
        if (child >= agenda->count)
            break;
        if (child + 1 < agenda->count && is_before(agenda->items[child + 1], agenda->items[child]))
            child++;
        if (!is_before(agenda->items[child], item))
            break;
        place(agenda, agenda->items[child], position);
        position = child;
    }
    place(agenda, item, position);
}

void agenda_put(struct agenda *agenda, struct agenda_item *item, msec_t at)
{
    agenda_remove(agenda, item);
    if (agenda->count == agenda->capacity) {
        agenda->capacity = agenda->capacity ? 2 * agenda->capacity : 16;
        agenda->items = xreallocarray(agenda->items, agenda->capacity, sizeof(void *));
    }
    item->at = at;
    item->ticket = agenda->tickets++;
    place(agenda, item, agenda->count++);
    sift_up(agenda, item);
}

void agenda_remove(struct agenda *agenda, struct agenda_item *item)
{
    if (item->position == AGENDA_OUTSIDE)
        return;
    struct agenda_item *last = agenda->items[--agenda->count];
    if (last != item) {
        place(agenda, last, item->position);
        sift_up(agenda, last);
        sift_down(agenda, last);
    }
    item->position = AGENDA_OUTSIDE;
}

struct agenda_item *agenda_first(const struct agenda *agenda)
{
    return agenda->count > 0 ? agenda->items[0] : NULL;
}
