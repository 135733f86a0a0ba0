/*
 * What went into digests that this outbox does not know of.
 *
 * A backup may have messages of which the original outbox made digests since.
 * In the chat a digest says which were its first message and its last: so whatever
 * waits in between was in it, but for what came in since the backup was restored:
 * that has numbers which the original outbox used for others.
 *
 * They are written down in the turn that adopts that message: the rest may take
 * several turns, and no look after a restart finds its stamp once more.
 */
#include "base/memory.h"
#include "base/text.h"
#include "queue/dispatcher_state.h"

#include <inttypes.h>
#include <stdlib.h>

struct passage {
    struct passage *next;
    lane_id lane;
    int64_t first_rank, last_rank;
    msec_t noted_at;
};

/* ---- on disk --------------------------------------------------------------------------------- */

static void keep(struct dispatcher *dispatcher, const struct passage *passage)
{
    struct passage *copy = xcalloc(1, sizeof *copy);
    *copy = *passage;
    copy->next = dispatcher->passages;
    dispatcher->passages = copy;
}

static bool are_aside(struct outbox *outbox, lane_id lane, enum message_state state)
{
    return tally_sum(outbox_tally(outbox), lane, TALLY_ANY, state).messages > 0;
}

/* None waits any more that it could be about. */
static bool is_over(struct outbox *outbox, const struct passage *passage)
{
    struct head head;
    if (are_aside(outbox, passage->lane, MESSAGE_HELD) ||
        are_aside(outbox, passage->lane, MESSAGE_SCHEDULED))
        return false;
    return outbox_heads(outbox, passage->lane, passage->first_rank - 1, &head, 1) == 0 ||
           head.rank > passage->last_rank;
}

/* Those that an earlier run noted and that still matter. */
static void recall(struct dispatcher *dispatcher)
{
    if (dispatcher->knows_passages)
        return;
    dispatcher->knows_passages = true;
    CLEANUP(free_memory) char *text = outbox_note(dispatcher->outbox, OUTBOX_NOTE_PASSAGES);
    const char *at = text ? text : "";
    struct passage passage = { 0 };
    while (text_read_number(&at, &passage.lane) && text_read_number(&at, &passage.first_rank) &&
           text_read_number(&at, &passage.last_rank) && text_read_number(&at, &passage.noted_at))
        if (!is_over(dispatcher->outbox, &passage))
            keep(dispatcher, &passage);
}

/* A line each. */
static void write_down(struct dispatcher *dispatcher)
{
    CLEANUP(text_clear) struct text text = { 0 };
    for (const struct passage *passage = dispatcher->passages; passage; passage = passage->next)
        text_printf(&text, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", passage->lane,
                    passage->first_rank, passage->last_rank, passage->noted_at);
    outbox_set_note(dispatcher->outbox, OUTBOX_NOTE_PASSAGES, text.bytes);
}

/* ---- what a look has found ------------------------------------------------------------------- */

static bool note(struct dispatcher *dispatcher, int64_t id, const struct finding *finding,
                 struct moment now)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!finding->remote_id[0] || !finding->last_rank ||
        !outbox_load(dispatcher->outbox, id, &message))
        return false;
    keep(dispatcher, &(struct passage){ .lane = message.lane,
                                        .first_rank = finding->first_rank,
                                        .last_rank = finding->last_rank,
                                        .noted_at = now.at });
    return true;
}

void dispatcher_note_passages(struct dispatcher *dispatcher, const struct work *work,
                              const struct findings *findings, struct moment now)
{
    bool any = false;
    recall(dispatcher);
    for (size_t i = 0; i < work->look.count; i++)
        any = note(dispatcher, work->cargo->sought[i].id, &findings->found[i], now) || any;
    if (any)
        write_down(dispatcher);
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
