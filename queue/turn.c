#include "queue/turn.h"

#include "base/memory.h"

#include <stdlib.h>

struct effect {
    void (*act)(void *context, enum outbox_commit how);
    void *context;
};

struct turn {
    struct effect *effects;
    size_t count, capacity;
    struct effect first; /* of every turn; none while zeroed */
};

struct turn *turn_new(void)
{
    return xcalloc(1, sizeof(struct turn));
}

void turn_free(struct turn *turn)
{
    if (!turn)
        return;
    free(turn->effects);
    free(turn);
}

void turn_defer(struct turn *turn, void (*act)(void *context, enum outbox_commit how),
                void *context)
{
    if (turn->count == turn->capacity) {
        turn->capacity = turn->capacity ? 2 * turn->capacity : 64;
        turn->effects = xreallocarray(turn->effects, turn->capacity, sizeof *turn->effects);
    }
    turn->effects[turn->count++] = (struct effect){ act, context };
}

void turn_act_first(struct turn *turn, void (*act)(void *context, enum outbox_commit how),
                    void *context)
{
    turn->first = (struct effect){ act, context };
}

void turn_abandon(struct turn *turn, enum outbox_commit how)
{
    if (turn->first.act)
        turn->first.act(turn->first.context, how);
    for (size_t i = 0; i < turn->count; i++)
        turn->effects[i].act(turn->effects[i].context, how);
    turn->count = 0;
}

enum outbox_commit turn_end(struct turn *turn, struct outbox *outbox, struct error *err)
{
    enum outbox_commit how = outbox_commit(outbox, err);
    turn_abandon(turn, how);
    return how;
}
