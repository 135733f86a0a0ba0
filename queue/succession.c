#include "queue/succession.h"

static int64_t count_in(struct outbox *outbox, int64_t thread, enum message_state state)
{
    return tally_sum_of_thread(outbox_tally(outbox), thread, TALLY_ANY, state).messages;
}

/* Scheduled and held messages: they are in no lane, and found by their ids. */
static int64_t count_aside(struct outbox *outbox, int64_t thread)
{
    return count_in(outbox, thread, MESSAGE_SCHEDULED) + count_in(outbox, thread, MESSAGE_HELD);
}

bool succession_begin(struct succession *succession, struct outbox *outbox, const char *was,
                      const char *name)
{
    *succession = (struct succession){ 0 };
    if (!outbox_find_thread(outbox, was, &succession->from))
        return false;
    if (!outbox_find_thread(outbox, name, &succession->to)) {
        outbox_rename_thread(outbox, succession->from, name);
        return false;
    }
    return count_in(outbox, succession->from, MESSAGE_PENDING) > 0 ||
           count_aside(outbox, succession->from) > 0;
}

static void move(const struct succession *succession, struct outbox *outbox,
                 const struct outline *outline)
{
    outbox_set_lane(outbox, outline, lane_of(succession->to, lane_priority(outline->lane)));
}

/* The first few of a lane. False when the next one is under way. */
static bool move_lane(const struct succession *succession, struct outbox *outbox, lane_id lane,
                      size_t *moved, bool (*is_under_way)(void *context, int64_t id), void *context)
{
    struct head heads[SUCCESSION_ROWS];
    size_t count = outbox_heads(outbox, lane, 0, heads, SUCCESSION_ROWS - *moved);
    for (size_t i = 0; i < count; i++) {
        struct outline outline;
        if (is_under_way(context, heads[i].id))
            return false;
        if (outbox_outlines(outbox, heads[i].id - 1, &outline, 1) == 1)
            move(succession, outbox, &outline);
        ++*moved;
    }
    return true;
}

static enum succession_state move_aside(struct succession *succession, struct outbox *outbox)
{
    struct outline outlines[SUCCESSION_ROWS];
    if (count_aside(outbox, succession->from) == 0)
        return SUCCESSION_DONE;
    size_t count = outbox_outlines(outbox, succession->cursor, outlines, SUCCESSION_ROWS);
    for (size_t i = 0; i < count; i++) {
        succession->cursor = outlines[i].id;
        if (lane_thread(outlines[i].lane) == succession->from &&
            !message_state_is_final(outlines[i].state) && outlines[i].state != MESSAGE_PENDING)
            move(succession, outbox, &outlines[i]);
    }
    return count > 0 ? SUCCESSION_MORE : SUCCESSION_DONE;
}

enum succession_state succession_step(struct succession *succession, struct outbox *outbox,
                                      bool (*is_under_way)(void *context, int64_t id),
                                      void *context)
{
    size_t moved = 0;
    bool waits = false;
    for (enum priority priority = PRIORITY_URGENT; priority <= PRIORITY_BULK; priority++)
        if (!move_lane(succession, outbox, lane_of(succession->from, priority), &moved,
                       is_under_way, context))
            waits = true;
    if (moved > 0)
        return SUCCESSION_MORE;
    if (waits)
        return SUCCESSION_WAITS;
    return move_aside(succession, outbox);
}
