#include "queue/shelf.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

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

/* All other texts of a message are short. */
static bool is_long(const struct message *message)
{
    size_t metadata_bytes = message->metadata ? strlen(message->metadata) : 0;
    return message->content_bytes + metadata_bytes > SHELF_LONGEST_BYTES;
}

void shelf_put(struct shelf *shelf, struct message *message)
{
    struct message *place = place_of(shelf, message->id);
    if (is_long(message)) {
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
