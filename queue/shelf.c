#include "queue/shelf.h"

#include "base/memory.h"

#include <stdlib.h>

struct shelf {
    struct message places[SHELF_PLACES]; /* zeroed where there is none: ids begin at 1 */
};

static struct message *place_of(struct shelf *shelf, int64_t id)
{
    return &shelf->places[(uint64_t)id % SHELF_PLACES];
}

struct shelf *shelf_new(void)
{
    return xcalloc(1, sizeof(struct shelf));
}

void shelf_free(struct shelf *shelf)
{
    for (size_t i = 0; shelf && i < SHELF_PLACES; i++)
        message_clear(&shelf->places[i]);
    free(shelf);
}

void shelf_put(struct shelf *shelf, struct message *message)
{
    struct message *place = place_of(shelf, message->id);
    if (message->content_bytes > SHELF_LONGEST_BYTES) {
        message_clear(message);
        return;
    }
    if (place->id)
        message_clear(place);
    *place = *message;
    *message = (struct message){ 0 };
}

bool shelf_take(struct shelf *shelf, int64_t id, struct message *message)
{
    struct message *place = place_of(shelf, id);
    if (!place->id || place->id != id)
        return false;
    *message = *place;
    *place = (struct message){ 0 };
    return true;
}

void shelf_drop(struct shelf *shelf, int64_t id)
{
    struct message *place = place_of(shelf, id);
    if (place->id == id)
        message_clear(place);
}
