/*
 * What went into digests that this outbox does not know of.
 *
 * A backup may have messages of which the original outbox made digests since.
 * In the chat a digest says which was its first message and up to where it went:
 * so whatever waits in between was in it.
 */
#include "base/memory.h"
#include "queue/dispatcher_state.h"

#include <stdlib.h>

struct passage {
    struct passage *next;
    lane_id lane;
    int64_t first_rank, last_rank;
    struct finding finding;
};

static void note(struct dispatcher *dispatcher, int64_t first, const struct finding *finding)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!outbox_load(dispatcher->outbox, first, &message))
        return;
    struct passage *passage = xcalloc(1, sizeof *passage);
    *passage = (struct passage){ .next = dispatcher->passages,
                                 .lane = message.lane,
                                 .first_rank = message.rank,
                                 .last_rank = finding->last_rank,
                                 .finding = *finding };
    dispatcher->passages = passage;
}

void dispatcher_note_passages(struct dispatcher *dispatcher, const struct work *work,
                              const struct findings *findings)
{
    for (size_t i = 0; i < work->look.count; i++)
        if (findings->found[i].remote_id[0] && findings->found[i].last_rank)
            note(dispatcher, work->cargo->sought[i].id, &findings->found[i]);
}

const char *dispatcher_passage_of(const struct dispatcher *dispatcher,
                                  const struct message *message)
{
    for (const struct passage *passage = dispatcher->passages; passage; passage = passage->next)
        if (passage->lane == message->lane && passage->first_rank <= message->rank &&
            message->rank <= passage->last_rank)
            return passage->finding.remote_id;
    return NULL;
}

void dispatcher_forget_passages(struct dispatcher *dispatcher)
{
    for (struct passage *passage = dispatcher->passages; passage; passage = dispatcher->passages) {
        dispatcher->passages = passage->next;
        free(passage);
    }
}
