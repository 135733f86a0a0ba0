#include "daemon/ending.h"

#include "base/memory.h"

#include <stdlib.h>

bool ending_load(struct outbox *outbox, const struct message *message, struct message *whole)
{
    *whole = (struct message){ 0 };
    enum message_state state = message->state;
    int64_t into = message->into_id;
    while (state == MESSAGE_FOLDED && into) {
        message_clear(whole);
        if (!outbox_load(outbox, into, whole))
            return false;
        state = whole->state;
        into = whole->into_id;
    }
    return whole->id != 0;
}

/* Ids whose originals are still to be read: what was folded may have others in it. */
struct heap {
    int64_t *ids;
    size_t count, capacity;
};

static void push(struct heap *heap, int64_t id)
{
    if (heap->count == heap->capacity) {
        heap->capacity = heap->capacity ? 2 * heap->capacity : 64;
        heap->ids = xreallocarray(heap->ids, heap->capacity, sizeof *heap->ids);
    }
    heap->ids[heap->count++] = id;
}

void ending_within(struct outbox *outbox, int64_t whole, void (*within)(void *context, int64_t id),
                   void *context)
{
    struct original *originals CLEANUP(free_memory) =
        xcalloc(OUTBOX_MOST_ORIGINALS, sizeof *originals);
    struct heap heap = { 0 };
    push(&heap, whole);
    while (heap.count > 0) {
        size_t count =
            outbox_originals(outbox, heap.ids[--heap.count], originals, OUTBOX_MOST_ORIGINALS);
        for (size_t i = 0; i < count; i++) {
            within(context, originals[i].id);
            push(&heap, originals[i].id);
        }
    }
    free(heap.ids);
}
