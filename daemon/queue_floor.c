#include "daemon/queue_floor.h"

#include "base/memory.h"
#include "daemon/authors.h"
#include "daemon/senders.h"
#include "queue/retry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <systemd/sd-id128.h>

static const char proof_note[] = "written_again_at";
static const struct retry_policy reopen_policy = { .first_ms = 100, .longest_ms = 30000 };
static const struct retry_policy prove_policy = { .first_ms = 1000, .longest_ms = 60000 };

static void note_commit(void *context, enum outbox_commit how)
{
    struct queue_floor *floor = context;
    (void)how;
    turn_cost_end_write(&floor->cost);
}

struct queue_floor *queue_floor_new(const struct queue_floor_setup *setup)
{
    struct queue_floor *floor = xcalloc(1, sizeof *floor);
    floor->use = *setup;
    floor->turn = turn_new();
    turn_act_first(floor->turn, note_commit, floor);
    floor->last_homecomer = &floor->homecomers;
    return floor;
}

/*
 * How a send has ended, kept until a turn has room for it: a digest may come apart. Those that
 * come home in one turn share one commit; and the processor's caches hold libcurl or SQLite, but
 * not both, so none is settled in between the others' answers.
 */
struct homecomer {
    struct work *work;
    struct delivery delivery;
    struct homecomer *next;
};

static void forget_homecomers(struct queue_floor *floor)
{
    while (floor->homecomers) {
        struct homecomer *next = floor->homecomers->next;
        free(floor->homecomers);
        floor->homecomers = next;
    }
    floor->last_homecomer = &floor->homecomers;
}

static void note_failure(struct queue_floor *floor, struct moment now)
{
    floor->unwritten++;
    floor->prove_steady_at =
        now.steady_at + retry_wait_ms(&prove_policy, floor->unwritten, dice_roll(floor->use.dice));
}

static void close_floor(struct queue_floor *floor)
{
    forget_homecomers(floor);
    upkeep_close(&floor->upkeep);
    chat_free(floor->chat);
    dispatcher_free(floor->dispatcher);
    outbox_close(floor->outbox);
    floor->chat = NULL;
    floor->dispatcher = NULL;
    floor->outbox = NULL;
}

void queue_floor_free(struct queue_floor *floor)
{
    if (!floor)
        return;
    close_floor(floor);
    turn_free(floor->turn);
    free(floor->outbox_path);
    free(floor);
}

/* ---- opening ----------------------------------------------------------------------------- */

static bool open_outbox(struct queue_floor *floor, struct error *err)
{
    sd_id128_t id;
    _Static_assert(sizeof floor->machine_id >= SD_ID128_STRING_MAX, "it must fit");
    if (sd_id128_get_machine(&id) >= 0)
        sd_id128_to_string(id, floor->machine_id);
    const struct outbox_setup setup = { .path = floor->outbox_path,
                                        .machine_id = floor->machine_id,
                                        .version = CHATRELAY_VERSION,
                                        .is_damaged = &floor->is_damaged };
    floor->outbox = outbox_open_sqlite(&setup, err);
    return floor->outbox != NULL;
}

/* "" when nobody knows it. */
static struct dispatcher *open_dispatcher(struct outbox *outbox, struct moment now)
{
    sd_id128_t id;
    char boot_id[SD_ID128_STRING_MAX] = "";
    if (sd_id128_get_boot(&id) >= 0)
        sd_id128_to_string(id, boot_id);
    return dispatcher_new(outbox, boot_id, now);
}

static bool open_courier(struct queue_floor *floor, struct error *err)
{
    const struct chat_setup setup = { .loop = floor->use.loop,
                                      .clock = floor->use.clock,
                                      .token_news = floor->use.token_news,
                                      .token_news_context = floor->use.context,
                                      .user_agent = "chatrelay/" CHATRELAY_VERSION };
    floor->chat = chat_new(&setup, err);
    if (!floor->chat)
        return false;
    floor->courier = chat_courier(floor->chat);
    return true;
}

bool queue_floor_configure(struct queue_floor *floor, struct directory *directory,
                           struct moment now, struct error *err)
{
    if (!senders_configure(floor->chat, directory->config, err))
        return false;
    CLEANUP(free_memory) char *authors = authors_of(directory->config, floor->outbox);
    chat_know_authors(floor->chat, authors);
    struct route_setup *setups = directory_routes(directory);
    upkeep_configure(&floor->upkeep, floor->outbox, directory);
    directory_number(directory, floor->outbox);
    dispatcher_configure(floor->dispatcher, setups, directory->thread_count, now);
    free(setups);
    return true;
}

bool queue_floor_open(struct queue_floor *floor, struct directory *directory, struct moment now,
                      struct error *err)
{
    if (!floor->outbox_path)
        floor->outbox_path = xstrdup(directory->config->relay.outbox_path);
    if (open_outbox(floor, err) && open_courier(floor, err)) {
        floor->dispatcher = open_dispatcher(floor->outbox, now);
        upkeep_open(&floor->upkeep, floor->outbox, floor->restored, now);
        if (queue_floor_configure(floor, directory, now, err)) {
            floor->failures = 0;
            return true;
        }
    }
    close_floor(floor);
    note_failure(floor, now);
    floor->failures++;
    floor->reopen_steady_at =
        now.steady_at + retry_wait_ms(&reopen_policy, floor->failures, dice_roll(floor->use.dice));
    return false;
}

/* ---- work -------------------------------------------------------------------------------- */

static size_t room_in_turn(const struct queue_floor *floor)
{
    size_t used = outbox_changes(floor->outbox) + floor->reads;
    return used < TURN_MOST_CHANGES ? TURN_MOST_CHANGES - used : 0;
}

void queue_floor_note_reads(struct queue_floor *floor, size_t count)
{
    floor->reads += count;
}

void queue_floor_settle(struct queue_floor *floor, struct moment now)
{
    const struct queue_floor_setup *use = &floor->use;
    struct homecomer *first = NULL;
    while ((first = floor->homecomers) && room_in_turn(floor) > 0) {
        floor->homecomers = first->next;
        if (!first->next)
            floor->last_homecomer = &floor->homecomers;
        dispatcher_settle(floor->dispatcher, first->work, &first->delivery, now,
                          dice_roll(use->dice), use->settled, use->context);
        free(first);
    }
}

static void on_sent(void *context, const struct delivery *delivery)
{
    struct work *work = context;
    struct queue_floor *floor = work->carrier;
    struct homecomer *homecomer = xcalloc(1, sizeof *homecomer);
    *homecomer = (struct homecomer){ .work = work, .delivery = *delivery };
    *floor->last_homecomer = homecomer;
    floor->last_homecomer = &homecomer->next;
}

static void on_looked(void *context, const struct findings *findings)
{
    struct work *work = context;
    struct queue_floor *floor = work->carrier;
    const struct queue_floor_setup *use = &floor->use;
    dispatcher_settle_look(floor->dispatcher, work, findings, clock_now(use->clock),
                           dice_roll(use->dice), use->settled, use->context);
}

static void on_inspected(void *context, const struct inspected *inspected)
{
    struct work *work = context;
    const struct queue_floor *floor = work->carrier;
    const struct queue_floor_setup *use = &floor->use;
    use->inspected(use->context, work_thread(work), inspected);
    dispatcher_settle_inspection(floor->dispatcher, work, inspected, clock_now(use->clock),
                                 dice_roll(use->dice));
}

/* The commit is through: now the request may leave. */
static void start(void *context, enum outbox_commit how)
{
    struct work *work = context;
    const struct queue_floor *floor = work->carrier;
    if (how != OUTBOX_COMMITTED)
        return; /* it goes down with the floor */
    switch (work->kind) {
    case WORK_SEND:
        floor->courier.send(floor->courier.self, &work->parcel, on_sent, work);
        break;
    case WORK_LOOK:
        floor->courier.look(floor->courier.self, &work->look, on_looked, work);
        break;
    case WORK_INSPECT:
        floor->courier.inspect(floor->courier.self, &work->inspection, on_inspected, work);
        break;
    }
}

static void report(struct queue_floor *floor, struct moment now)
{
    const struct queue_floor_setup *use = &floor->use;
    struct message made = { 0 };
    char stamp[STAMP_LENGTH + 1];
    for (dice_stamp(use->dice, stamp);
         room_in_turn(floor) > 0 && dispatcher_report(floor->dispatcher, now, stamp, &made);
         dice_stamp(use->dice, stamp)) {
        use->reported(use->context, &made);
        message_clear(&made);
    }
}

msec_t queue_floor_dispatch(struct queue_floor *floor, struct moment now,
                            void (*moved)(void *context, const struct message *message),
                            void *context)
{
    msec_t again_ms = 0;
    if (upkeep_adopt(&floor->upkeep, floor->outbox, floor->dispatcher, floor->machine_id, now))
        return 0;
    bool more = dispatcher_tend(floor->dispatcher, now, room_in_turn(floor), moved, context);
    report(floor, now);
    while (room_in_turn(floor) > 0) {
        char stamp[STAMP_LENGTH + 1];
        dice_stamp(floor->use.dice, stamp);
        struct work *work = dispatcher_next(floor->dispatcher, now, stamp, &again_ms);
        if (!work)
            return more ? 0 : again_ms;
        work->carrier = floor;
        turn_defer(floor->turn, start, work);
    }
    return 0;
}

/* Whether it works again is not to wait for a client, who would have to be refused. */
static msec_t prove(struct queue_floor *floor, struct moment now)
{
    if (floor->unwritten == 0)
        return MSEC_NEVER;
    if (floor->prove_steady_at <= now.steady_at) {
        CLEANUP(free_memory) char *text = xasprintf("%" PRId64, now.at);
        outbox_set_note(floor->outbox, proof_note, text);
    }
    return msec_max(floor->prove_steady_at - now.steady_at, 0);
}

msec_t queue_floor_keep(struct queue_floor *floor, const struct retention_policy *policy,
                        bool is_idle, struct moment now)
{
    if (!floor->outbox || floor->upkeep.adoption.under_way)
        return MSEC_NEVER;
    msec_t again_ms = prove(floor, now);
    return msec_min(again_ms, upkeep_step(&floor->upkeep, floor->outbox, floor->dispatcher, policy,
                                          is_idle && outbox_changes(floor->outbox) == 0, now));
}

static void give_up(struct queue_floor *floor, struct moment now)
{
    floor->is_damaged = outbox_is_damaged(floor->outbox);
    close_floor(floor);
    note_failure(floor, now);
    floor->failures = 1;
    floor->reopen_steady_at = now.steady_at + reopen_policy.first_ms;
}

bool queue_floor_end_turn(struct queue_floor *floor, struct moment now, struct error *err)
{
    floor->reads = 0;
    turn_cost_begin_write(&floor->cost);
    if (!floor->outbox) {
        /* There was nothing to write: what was said in this turn is true without. */
        turn_abandon(floor->turn, OUTBOX_COMMITTED);
        return true;
    }
    bool writes = outbox_changes(floor->outbox) > 0;
    if (turn_end(floor->turn, floor->outbox, err) != OUTBOX_COMMITTED) {
        give_up(floor, now);
        return false;
    }
    if (writes)
        floor->unwritten = 0;
    floor->restored = false; /* it is written down now */
    return true;
}

bool queue_floor_has_room(const struct queue_floor *floor, int64_t least_bytes)
{
    struct statvfs status;
    CLEANUP(free_memory) char *folder = xstrdup(floor->outbox_path);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    if (statvfs(folder[0] ? folder : "/", &status) != 0)
        return true; /* then writing will tell */
    return (uint64_t)status.f_bavail * status.f_frsize >= (uint64_t)least_bytes;
}
