/*
 * What went into digests that this outbox does not know of.
 *
 * A backup may have messages of which the original outbox made digests since.
 * In the chat a digest says which was its first message and up to where it went:
 * so whatever waits in between was in it, but for what came in since the backup
 * was restored: that has numbers which the original outbox used for others.
 */
#include "base/memory.h"
#include "queue/dispatcher_state.h"

#include <stdlib.h>

struct passage {
    struct passage *next;
    lane_id lane;
    int64_t first_rank, last_rank;
    msec_t noted_at;
};

static void note(struct dispatcher *dispatcher, int64_t first, const struct finding *finding,
                 struct moment now)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!outbox_load(dispatcher->outbox, first, &message))
        return;
    struct passage *passage = xcalloc(1, sizeof *passage);
    *passage = (struct passage){ .next = dispatcher->passages,
                                 .lane = message.lane,
                                 .first_rank = message.rank,
                                 .last_rank = finding->last_rank,
                                 .noted_at = now.at };
    dispatcher->passages = passage;
}

void dispatcher_note_passages(struct dispatcher *dispatcher, const struct work *work,
                              const struct findings *findings, struct moment now)
{
    for (size_t i = 0; i < work->look.count; i++)
        if (findings->found[i].remote_id[0] && findings->found[i].last_rank)
            note(dispatcher, work->cargo->sought[i].id, &findings->found[i], now);
}

/*
 * What nobody has tried to send since the restore is in doubt about no place, or
 * was so before anything was found. A new message waits behind all of its lane
 * that were restored: when it is tried, their digests have been found.
 */
static bool covers(const struct passage *passage, const struct message *message)
{
    return passage->lane == message->lane && passage->first_rank <= message->rank &&
           message->rank <= passage->last_rank &&
           (!message->doubted_place || message->doubted_at < passage->noted_at);
}

bool dispatcher_went_in_digest(const struct dispatcher *dispatcher, const struct message *message)
{
    for (const struct passage *passage = dispatcher->passages; passage; passage = passage->next)
        if (covers(passage, message))
            return true;
    return false;
}

void dispatcher_forget_passages(struct dispatcher *dispatcher)
{
    for (struct passage *passage = dispatcher->passages; passage; passage = dispatcher->passages) {
        dispatcher->passages = passage->next;
        free(passage);
    }
}
