#include "tests/unit/queue/sim_state.h"

#include <inttypes.h>
#include <string.h>

/* ---- what the chat does --------------------------------------------------------------------- */

static void take_note(struct sim_world *world, struct sim_note *note, int place)
{
    int64_t *latest_rank = &world->lane_rank[note->lane];
    sim_say(world, "place %d takes message %" PRId64, place, note->id);
    bool risked = note->astray && note->on_doubt == ON_DOUBT_RISK_TWICE;
    if (++note->taken > 1 && !risked)
        sim_fail(world, "message %" PRId64 " is in the chat twice (place %d)", note->id, place);
    if (note->released || note->astray)
        return;
    if (note->rank <= *latest_rank)
        sim_fail(world, "message %" PRId64 " came out of order in lane %" PRId64, note->id,
                 note->lane);
    *latest_rank = note->rank;
}

void sim_on_taken(void *context, const char *stamp, const char *content, int place)
{
    struct sim_world *world = context;
    struct sim_reading reading = { stamp, content };
    struct sim_note *note = NULL;
    while ((note = sim_next_note(world, &reading)))
        take_note(world, note, place);
}

void sim_on_wronged(void *context, const char *stamp, const char *content)
{
    struct sim_reading reading = { stamp, content };
    struct sim_note *note = NULL;
    while ((note = sim_next_note(context, &reading)))
        note->wronged++;
}

bool sim_is_poisonous(void *context, const char *stamp, const char *content)
{
    struct sim_reading reading = { stamp, content };
    const struct sim_note *note = NULL;
    while ((note = sim_next_note(context, &reading)))
        if (note->poison)
            return true;
    return false;
}

/* ---- the books ------------------------------------------------------------------------------ */

struct books {
    int64_t messages[SIM_LANES][MESSAGE_STATES], bytes[SIM_LANES][MESSAGE_STATES];
};

static bool book(void *context, const struct message *message)
{
    struct books *books = context;
    books->messages[message->lane][message->state]++;
    books->bytes[message->lane][message->state] += (int64_t)message->content_bytes;
    return true;
}

void sim_check_books(struct sim_world *world)
{
    static const struct outbox_filter everything = { .thread = -1, .uid = -1, .priority = -1 };
    struct books books = { 0 };
    int64_t after = 0;
    do
        after = outbox_list(world->outbox, &everything, after, 1000, book, &books);
    while (after);
    for (lane_id lane = 0; lane < SIM_LANES; lane++)
        for (enum message_state state = MESSAGE_SCHEDULED; state <= MESSAGE_DEAD; state++) {
            struct tally_sum sum = tally_sum(outbox_tally(world->outbox), lane, TALLY_ANY, state);
            if (sum.messages != books.messages[lane][state] ||
                sum.bytes != books.bytes[lane][state])
                sim_fail(
                    world, "the books say %" PRId64 " %s in lane %" PRId64 ", there are %" PRId64,
                    sum.messages, message_state_name(state), lane, books.messages[lane][state]);
        }
}

void sim_check_innocent(struct sim_world *world)
{
    struct head head = { 0 };
    int64_t thread = outbox_thread(world->outbox, "t0");
    lane_id lane = lane_of(thread, PRIORITY_NORMAL);
    msec_t paced_until_at = msec_max(world->started_steady_at, world->innocent_steady_at) + 90000;
    if (world->now.steady_at < paced_until_at)
        return;
    if (outbox_heads(world->outbox, lane, 0, &head, 1) && !head.doubted_at &&
        !world->lane_busy[lane])
        sim_fail(world, "message %" PRId64 " of the innocent thread was held up by others",
                 head.id);
}

static void check_worth(struct sim_world *world, const struct message *message)
{
    if (message->expires_at && message->expires_at <= world->now.at)
        sim_fail(world, "message %" PRId64 " goes though it is worthless", message->id);
}

/* Each of its messages is in it and nowhere else, and was worth sending when it was composed. */
static void check_digest(struct sim_world *world, const struct message *digest)
{
    struct sim_note *note = NULL, *own = sim_note_of(world, digest->stamp);
    struct sim_reading reading = sim_reading_of(digest);
    int64_t count = 0;
    bool is_new = own == &world->digests[world->digest_count];
    world->digest_count += is_new;
    while ((note = sim_next_note(world, &reading))) {
        struct message original;
        own->id = digest->id;
        own->lane = digest->lane;
        own->on_doubt = note->on_doubt;
        note->under_way = true;
        count++;
        if (!outbox_load(world->outbox, note->id, &original))
            continue;
        if (original.state != MESSAGE_FOLDED || original.into_id != digest->id)
            sim_fail(world, "message %" PRId64 " is in digest %" PRId64 ", and is %s", note->id,
                     digest->id, message_state_name(original.state));
        if (is_new)
            check_worth(world, &original);
        note->rank = original.rank;
        message_clear(&original);
    }
    if (count != digest->fold_count || count < 2 || count > world->program->scene.digest.messages)
        sim_fail(world, "digest %" PRId64 " says it has %" PRId64 " messages, it has %" PRId64,
                 digest->id, digest->fold_count, count);
    if (digest->content_bytes > (size_t)world->program->scene.digest.limit)
        sim_fail(world, "digest %" PRId64 " is too long", digest->id);
    world->result->digests += is_new;
}

static void check_send(struct sim_world *world, const struct message *message)
{
    struct head head = { 0 };
    outbox_heads(world->outbox, message->lane, 0, &head, 1);
    if (head.id != message->id)
        sim_fail(world, "message %" PRId64 " goes before %" PRId64, message->id, head.id);
    if (message->kind == MESSAGE_DIGEST)
        check_digest(world, message);
    else
        check_worth(world, message);
    sim_note_of_message(world, message)->rank = message->rank;
    sim_note_of_message(world, message)->under_way = true;
    sim_say(world, "message %" PRId64 " of lane %" PRId64 " begins", message->id, message->lane);
}

/* What is known to be sent, or to be anything else, is not looked for: it would be doubted anew. */
static void check_sought(struct sim_world *world, const struct sim_note *note)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (outbox_load(world->outbox, note->id, &message) &&
        (message.state != MESSAGE_PENDING || !message.doubted_at))
        sim_fail(world, "message %" PRId64 " is looked for, and is %s", note->id,
                 message_state_name(message.state));
}

/* What took its place, if anything did. */
static struct sim_note *note_of_sought(struct sim_world *world, const char *stamp)
{
    CLEANUP(message_clear) struct message whole = { 0 };
    struct sim_note *note = sim_note_of(world, stamp);
    if (sim_is_of_digest(stamp) ||
        !outbox_load_whole(world->outbox, &(struct message){ .id = note->id }, &whole))
        return note;
    return sim_note_of_message(world, &whole);
}

void sim_check_work(struct sim_world *world, const struct work *work)
{
    if (outbox_failure(world->outbox))
        return;
    if (work->kind == WORK_SEND) {
        lane_id lane = work->parcel.message->lane;
        check_send(world, work->parcel.message);
        if (world->lane_busy[lane])
            sim_fail(world, "two of lane %" PRId64 " are under way", lane);
        world->lane_busy[lane] = true;
        if (strcmp(work->parcel.sender, "s0") == 0)
            world->innocent_steady_at = world->now.steady_at;
        world->result->attempts++;
        return;
    }
    if (work->kind == WORK_INSPECT) {
        sim_say(world, "thread %s is asked about itself", work->inspection.thread);
        return;
    }
    for (size_t i = 0; i < work->look.count; i++) {
        lane_id lane = note_of_sought(world, work->look.stamps[i])->lane;
        check_sought(world, note_of_sought(world, work->look.stamps[i]));
        if (world->lane_busy[lane])
            sim_fail(world, "lane %" PRId64 " is looked for while it sends", lane);
        sim_say(world, "a look for message %" PRId64 " begins, from %" PRId64,
                note_of_sought(world, work->look.stamps[i])->id, work->look.since_at);
    }
    for (size_t i = 0; i < work->look.count; i++)
        world->lane_busy[note_of_sought(world, work->look.stamps[i])->lane] = true;
    world->result->looks++;
}
