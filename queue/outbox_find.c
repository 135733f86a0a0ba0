/*
 * outbox_find.c - the front's reads of messages and attempts: nothing is found once it has failed
 */
#include "queue/outbox.h"
#include "queue/outbox_engine.h"
#include "queue/shelf.h"

/* ---- what waits ----------------------------------------------------------------------------- */

struct head head_of(const struct message *message)
{
    return (struct head){ .id = message->id,
                          .rank = message->rank,
                          .expires_at = message->expires_at,
                          .doubted_at = message->doubted_at,
                          .doubted_place = message->doubted_place,
                          .kind = message->kind,
                          .content_bytes = message->content_bytes };
}

struct found_heads {
    struct shelf *shelf;
    struct head *heads;
    size_t count;
};

static bool keep_head(void *context, struct message *message)
{
    struct found_heads *found = context;
    found->heads[found->count++] = head_of(message);
    shelf_put(found->shelf, message);
    return true;
}

size_t outbox_heads(struct outbox *outbox, lane_id lane, int64_t after_rank, struct head *heads,
                    size_t most)
{
    struct found_heads found = { .shelf = outbox->shelf, .heads = heads };
    if (!outbox->failed)
        outbox_noted(outbox, outbox->engine->waiting(outbox, lane, after_rank, most, keep_head,
                                                     &found, &outbox->failure));
    return outbox->failed ? 0 : found.count;
}

size_t outbox_doubted(struct outbox *outbox, lane_id lane, int64_t after_rank,
                      struct doubted *doubted, size_t most)
{
    size_t count = 0;
    if (!outbox->failed && most > 0)
        outbox_noted(outbox, outbox->engine->doubted(outbox, lane, after_rank, doubted, most,
                                                     &count, &outbox->failure));
    return outbox->failed ? 0 : count;
}

void outbox_waiting(struct outbox *outbox, lane_id lane, size_t most,
                    bool (*row)(void *context, struct message *message), void *context)
{
    if (!outbox->failed)
        outbox_noted(
            outbox, outbox->engine->waiting(outbox, lane, 0, most, row, context, &outbox->failure));
}

size_t outbox_ahead(struct outbox *outbox, lane_id lane, int64_t rank, size_t most)
{
    size_t count = 0;
    if (!outbox->failed)
        outbox_noted(outbox,
                     outbox->engine->ahead(outbox, lane, rank, most, &count, &outbox->failure));
    return outbox->failed ? 0 : count;
}

size_t outbox_lanes(struct outbox *outbox, lane_id after, lane_id *lanes, size_t most)
{
    size_t count = 0;
    if (!outbox->failed)
        outbox_noted(outbox,
                     outbox->engine->lanes(outbox, after, lanes, most, &count, &outbox->failure));
    return outbox->failed ? 0 : count;
}

size_t outbox_due(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most, msec_t *next_at)
{
    size_t count = 0;
    *next_at = MSEC_NEVER;
    if (!outbox->failed)
        outbox_noted(outbox, outbox->engine->due(outbox, now_at, ids, most, &count, next_at,
                                                 &outbox->failure));
    return outbox->failed ? 0 : count;
}

size_t outbox_expired(struct outbox *outbox, msec_t now_at, int64_t *ids, size_t most,
                      msec_t *next_at)
{
    size_t count = 0;
    *next_at = MSEC_NEVER;
    if (!outbox->failed)
        outbox_noted(outbox, outbox->engine->expired(outbox, now_at, ids, most, &count, next_at,
                                                     &outbox->failure));
    return outbox->failed ? 0 : count;
}

bool outbox_find_once(struct outbox *outbox, int64_t uid, const char *once, struct message *message)
{
    bool found = false;
    *message = (struct message){ 0 };
    return !outbox->failed &&
           outbox_noted(outbox, outbox->engine->find_once(outbox, uid, once, message, &found,
                                                          &outbox->failure)) &&
           found;
}

bool outbox_find_fold(struct outbox *outbox, lane_id lane, int64_t uid, const char *fold,
                      struct message *message)
{
    bool found = false;
    *message = (struct message){ 0 };
    return !outbox->failed &&
           outbox_noted(outbox, outbox->engine->find_fold(outbox, lane, uid, fold, message, &found,
                                                          &outbox->failure)) &&
           found;
}

size_t outbox_originals(struct outbox *outbox, int64_t into_id, int64_t after, int64_t *ids,
                        size_t most)
{
    size_t count = 0;
    if (!outbox->failed)
        outbox_noted(outbox, outbox->engine->originals(outbox, into_id, after, ids, most, &count,
                                                       &outbox->failure));
    return outbox->failed ? 0 : count;
}

bool outbox_load_whole(struct outbox *outbox, const struct message *message, struct message *whole)
{
    bool found = outbox_load(outbox, message->id, whole);
    for (int i = 0; i < OUTBOX_MOST_FOLDS && found && whole->state == MESSAGE_FOLDED; i++) {
        int64_t into_id = whole->into_id;
        message_clear(whole);
        found = outbox_load(outbox, into_id, whole);
    }
    return found;
}

/* ---- looking in ----------------------------------------------------------------------------- */

static bool state_passes(const struct outbox_filter *filter, const struct message *message)
{
    if (filter->states == 0 || (filter->states & outbox_state_bit(message->state)))
        return true;
    return filter->or_wished && message->state == MESSAGE_PENDING && message->wish;
}

bool outbox_filter_passes(const struct outbox_filter *filter, const struct message *message)
{
    return (filter->thread < 0 || filter->thread == lane_thread(message->lane)) &&
           (filter->priority < 0 || filter->priority == (int)lane_priority(message->lane)) &&
           (filter->uid < 0 || filter->uid == message->uid) && state_passes(filter, message) &&
           (filter->accepted_before == 0 || message->accepted_at < filter->accepted_before);
}

int64_t outbox_list(struct outbox *outbox, const struct outbox_filter *filter, int64_t after,
                    size_t most, bool (*row)(void *context, const struct message *message),
                    void *context)
{
    int64_t next = 0;
    if (!outbox->failed && most > 0)
        outbox_noted(outbox, outbox->engine->list(outbox, filter, after, most, row, context, &next,
                                                  &outbox->failure));
    return outbox->failed ? 0 : next;
}

void outbox_attempts(struct outbox *outbox, int64_t message,
                     void (*row)(void *context, const struct attempt *attempt), void *context)
{
    if (!outbox->failed)
        outbox_noted(outbox,
                     outbox->engine->attempts(outbox, message, row, context, &outbox->failure));
}

static void keep_latest(void *context, const struct attempt *attempt)
{
    *(struct attempt *)context = *attempt;
}

bool outbox_latest_attempt(struct outbox *outbox, int64_t message, struct attempt *attempt)
{
    *attempt = (struct attempt){ 0 };
    outbox_attempts(outbox, message, keep_latest, attempt);
    return attempt->number > 0;
}

void outbox_recent(struct outbox *outbox, msec_t since_at,
                   void (*row)(void *context, const struct attempt *attempt), void *context)
{
    if (!outbox->failed)
        outbox_noted(outbox,
                     outbox->engine->recent(outbox, since_at, row, context, &outbox->failure));
}

int64_t outbox_log(struct outbox *outbox, int64_t after, size_t most,
                   void (*row)(void *context, const struct attempt *attempt), void *context)
{
    int64_t next = 0;
    if (!outbox->failed && most > 0)
        outbox_noted(outbox, outbox->engine->log(outbox, after, most, row, context, &next,
                                                 &outbox->failure));
    return outbox->failed ? 0 : next;
}
