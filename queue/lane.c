#include "queue/lane.h"

#include "base/memory.h"

#include <stdlib.h>

struct lane *lane_new(lane_id id, struct route *route)
{
    struct lane *lane = xcalloc(1, sizeof *lane);
    lane->id = id;
    lane->route = route;
    agenda_item_init(&lane->item);
    lane_forget(lane);
    return lane;
}

void lane_free(struct lane *lane)
{
    free(lane);
}

void lane_push(struct lane *lane, const struct head *head)
{
    if (lane->complete && lane->count < LANE_HEADS)
        lane->heads[(lane->first + lane->count++) % LANE_HEADS] = *head;
    else
        lane->complete = false;
}

void lane_replace(struct lane *lane, int64_t older_id, const struct head *head)
{
    for (size_t i = 0; i < lane->count; i++) {
        struct head *place = &lane->heads[(lane->first + i) % LANE_HEADS];
        if (place->id == older_id)
            *place = *head;
    }
}

void lane_forget(struct lane *lane)
{
    lane->count = 0;
    lane->next_count = LANE_FEWEST_HEADS;
    lane->complete = false;
}

static void read_heads(struct lane *lane, struct outbox *outbox)
{
    lane->first = 0;
    lane->count = outbox_heads(outbox, lane->id, 0, lane->heads, lane->next_count);
    lane->complete = lane->count < lane->next_count;
    lane->next_count = LANE_HEADS;
}

const struct head *lane_head(struct lane *lane, struct outbox *outbox)
{
    if (lane->work)
        return NULL;
    if (lane->count == 0 && !lane->complete)
        read_heads(lane, outbox);
    return lane->count > 0 ? &lane->heads[lane->first] : NULL;
}

bool head_needs_look(const struct head *head)
{
    return head->doubted_at && !message_kind_repeats(head->kind);
}

bool lane_has_more(const struct lane *lane)
{
    return lane->count > 0 || !lane->complete;
}

void lane_pop(struct lane *lane)
{
    lane->first = (lane->first + 1) % LANE_HEADS;
    lane->count--;
}
