/*
 * More waits than a thread takes: several messages of a lane go as one.
 *
 *     waiting messages --fold--> digest --sent--> they are what the digest is
 *             ^                    |
 *             '------unfold--------'  a definite no: composed afresh later
 *
 * The digest is composed when its turn has come and written down with its
 * attempt. From then on it is a message like any other: one post, one doubt.
 */
#include "base/memory.h"
#include "queue/dispatcher_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The first messages of a lane, as far as they go together. */
struct run {
    struct digest *digest;
    char first_stamp[STAMP_LENGTH + 1], last_stamp[STAMP_LENGTH + 1];
    struct original *originals;
    size_t count;
};

static bool join(void *context, struct message *message)
{
    struct run *run = context;
    if (!digest_join(run->digest, message))
        return false;
    if (run->count == 0)
        memcpy(run->first_stamp, message->stamp, sizeof run->first_stamp);
    memcpy(run->last_stamp, message->stamp, sizeof run->last_stamp);
    run->originals[run->count++] = (struct original){ .id = message->id,
                                                      .lane = message->lane,
                                                      .rank = message->rank,
                                                      .uid = message->uid,
                                                      .content_bytes = message->content_bytes,
                                                      .expires_at = message->expires_at };
    return run->count < OUTBOX_MOST_ORIGINALS;
}

/*
 * An outbox that is restored from a backup may have the messages, and not the
 * digest in which they went: so that one says in the chat which they were. The
 * backup may lack the first (it was set aside then, or due later) or the last
 * (it came later): the other one will do.
 */
static char *range_of(const struct run *run)
{
    return xasprintf("{\"" COURIER_KEY_FIRST "\":\"%s %" PRId64
                     "\","
                     "\"" COURIER_KEY_LAST "\":\"%s %" PRId64 "\"}",
                     run->first_stamp, run->originals[0].rank, run->last_stamp,
                     run->originals[run->count - 1].rank);
}

static void write_down(struct dispatcher *dispatcher, const struct run *run, const char *stamp,
                       struct moment now, struct message *whole)
{
    const struct original *last = &run->originals[run->count - 1];
    char *content = digest_compose(run->digest);
    *whole = (struct message){ .lane = last->lane,
                               .rank = last->rank,
                               .state = MESSAGE_PENDING,
                               .kind = MESSAGE_DIGEST,
                               .type = digest_type(run->digest),
                               .accepted_at = now.at,
                               .uid = RELAY_UID,
                               .user = xstrdup("relay"),
                               .fold_count = (int64_t)run->count,
                               .fold_since = digest_since_at(run->digest),
                               .content = content,
                               .content_bytes = strlen(content),
                               .display_name = xstrdup_or_null(digest_display_name(run->digest)) };
    whole->metadata = range_of(run);
    memcpy(whole->stamp, stamp, STAMP_LENGTH);
    outbox_fold(dispatcher->outbox, whole, run->originals, run->count, now.at);
}

static bool is_due(struct dispatcher *dispatcher, struct lane *lane, struct moment now)
{
    const struct head *head = lane_head(lane, dispatcher->outbox);
    return head->rank > lane->singly_until_rank &&
           dispatcher_digest_is_due(dispatcher, lane->route, lane_priority(lane->id), now);
}

bool dispatcher_fold(struct dispatcher *dispatcher, struct lane *lane, const char *stamp,
                     struct moment now, struct message *whole)
{
    if (!is_due(dispatcher, lane, now))
        return false;
    struct run run = { .digest = digest_new(&lane->route->digest, now.at) };
    run.originals = xcalloc(OUTBOX_MOST_ORIGINALS, sizeof *run.originals);
    outbox_waiting(dispatcher->outbox, lane->id, OUTBOX_MOST_ORIGINALS, join, &run);
    bool several = run.count > 1;
    if (several)
        write_down(dispatcher, &run, stamp, now, whole);
    free(run.originals);
    digest_free(run.digest);
    return several;
}

enum message_state dispatcher_come_apart(struct message *digest, struct moment now)
{
    digest->ended_at = now.at;
    replace_text(&digest->reason, xstrdup(MESSAGE_UNFOLDED));
    return MESSAGE_CANCELLED;
}

void dispatcher_unfold(struct dispatcher *dispatcher, const struct message *digest)
{
    msec_t expires_at = outbox_unfold(dispatcher->outbox, digest);
    dispatcher->next_expiry_at = msec_min(dispatcher->next_expiry_at, expires_at);
    outbox_wipe(dispatcher->outbox, digest->id); /* its messages have it all */
}
