#include "tests/unit/queue/stage.h"

#include "base/memory.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stage stage;

/* ---- settings ------------------------------------------------------------------------------- */

static void configure_thread(struct route_setup *setup, char names[4][40], int thread)
{
    const struct stage_thread *route = &stage.routes[thread];
    snprintf(names[0], sizeof names[0], "t%d", thread);
    snprintf(names[1], sizeof names[1], "https://e%d.example", route->endpoint);
    snprintf(names[2], sizeof names[2], "19:%d@thread.v2", route->place);
    snprintf(names[3], sizeof names[3], "s%d", route->sender);
    *setup = (struct route_setup){ .name = names[0],
                                   .endpoint = names[1],
                                   .thread = names[2],
                                   .sender = names[3],
                                   .limits = stage.limits,
                                   .digest = stage.digest,
                                   .thread_retry = { 60000, 3600000 },
                                   .endpoint_retry = { 1000, 300000 },
                                   .late_mark = { .after_ms = MSEC_NEVER, .limit = 28672 },
                                   .report_after_ms = stage.report_after_ms,
                                   .settle_ms = STAGE_SETTLE_MS,
                                   .on_doubt = stage.on_doubt };
    if (route->sends)
        setup->limits.paces[0].sends = route->sends;
}

/* The names live no longer than the call, as the contract allows. */
void stage_configure(void)
{
    struct route_setup *setups = xcalloc(STAGE_THREADS, sizeof *setups);
    char(*names)[4][40] = xcalloc(STAGE_THREADS, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < stage.threads; i++)
        if (!stage.routes[i].removed)
            configure_thread(&setups[count++], names[i], (int)i);
    dispatcher_configure(stage.dispatcher, setups, count, stage.now);
    free(names);
    free(setups);
    stage_commit();
}

static void open_floor(void)
{
    struct error err = { "" };
    stage.outbox = outbox_open_memory(stage.disk, &(struct outbox_setup){ 0 }, &err);
    cr_assert(stage.outbox != NULL, "%s", err.text);
    stage.dispatcher = dispatcher_new(stage.outbox, stage.boot_id, stage.now);
    stage_configure();
}

void stage_open(size_t threads)
{
    stage = (struct stage){
        .now = { 1700000000000, 5000 }, .threads = threads, .request_ms = 300, .boot_id = ""
    };
    stage.limits.pace_percent = 100;
    stage.report_after_ms = MSEC_NEVER;
    for (int i = 0; i < STAGE_THREADS; i++)
        stage.routes[i].place = i;
    stage.disk = outbox_disk_new();
    open_floor();
}

static void close_floor(void)
{
    dispatcher_free(stage.dispatcher);
    outbox_close(stage.outbox);
}

void stage_close(void)
{
    close_floor();
    outbox_disk_free(stage.disk);
}

void stage_crash(msec_t away_ms)
{
    close_floor();
    stage_pass(away_ms);
    if (!stage.boot_id[0])
        stage.now.steady_at -= 1000; /* that clock starts anywhere */
    open_floor();
}

/* In the turn that ended the storm, as the daemon does it. */
static void take_reports(void)
{
    struct message report;
    while (dispatcher_report(stage.dispatcher, stage.now, "0123456789abcdef0123456789abcdef",
                             &report)) {
        snprintf(stage.report, sizeof stage.report, "%s", report.content);
        stage.report_id = report.id;
        stage.reports++;
        message_clear(&report);
    }
}

void stage_commit(void)
{
    struct error err = { "" };
    take_reports();
    cr_assert(outbox_commit(stage.outbox, &err) == OUTBOX_COMMITTED, "%s", err.text);
}

void stage_pass(msec_t time_ms)
{
    stage.now.at += time_ms;
    stage.now.steady_at += time_ms;
}

/* ---- messages ------------------------------------------------------------------------------- */

lane_id stage_lane(int thread, enum priority priority)
{
    char name[24];
    snprintf(name, sizeof name, "t%d", thread);
    return lane_of(outbox_thread(stage.outbox, name), priority);
}

const char *stage_stamp(void)
{
    static int64_t stamps;
    static char stamp[STAMP_LENGTH + 1];
    snprintf(stamp, sizeof stamp, "%032" PRIx64, (uint64_t)++stamps);
    return stamp;
}

int64_t stage_add_timed(int thread, enum priority priority, msec_t due_at, msec_t expires_at)
{
    char content[] = "disk full";
    struct message message = { .lane = stage_lane(thread, priority),
                               .state = due_at ? MESSAGE_SCHEDULED : MESSAGE_PENDING,
                               .accepted_at = stage.now.at,
                               .due_at = due_at,
                               .expires_at = expires_at,
                               .content = content,
                               .content_bytes = strlen(content) };
    memcpy(message.stamp, stage_stamp(), sizeof message.stamp);
    outbox_add(stage.outbox, &message);
    dispatcher_added(stage.dispatcher, &message, stage.now);
    return message.id;
}

int64_t stage_add(int thread, enum priority priority)
{
    return stage_add_timed(thread, priority, 0, 0);
}

enum message_state stage_state(int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    enum message_state state = message.state;
    message_clear(&message);
    return state;
}

bool stage_in_doubt(int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    bool doubted = message.doubted_at != 0;
    message_clear(&message);
    return doubted;
}

struct wanted_scope {
    enum scope scope;
    const char *name;
    struct scope_record record;
};

static void keep_wanted(void *context, const struct scope_record *record)
{
    struct wanted_scope *wanted = context;
    if (record->scope == wanted->scope && strcmp(record->name, wanted->name) == 0)
        wanted->record = *record;
}

struct scope_record stage_scope(enum scope scope, const char *name)
{
    struct wanted_scope wanted = { .scope = scope, .name = name };
    outbox_scopes(stage.outbox, keep_wanted, &wanted);
    return wanted.record;
}

/* ---- work ----------------------------------------------------------------------------------- */

void stage_moved(void *context, const struct message *message)
{
    (void)context;
    cr_expect(message->state == MESSAGE_EXPIRED || message->state == MESSAGE_HELD ||
              message->state == MESSAGE_SENT);
    stage.expired += message->state == MESSAGE_EXPIRED;
    stage.held += message->state == MESSAGE_HELD;
    stage.found += message->state == MESSAGE_SENT;
}

struct work *stage_next(void)
{
    while (dispatcher_tend(stage.dispatcher, stage.now, 1000, stage_moved, NULL))
        stage_commit();
    struct work *work =
        dispatcher_next(stage.dispatcher, stage.now, stage_stamp(), &stage.again_ms);
    if (work && work->kind == WORK_LOOK)
        pacer_begin(work->look.lists, true); /* its one page */
    stage_commit();
    return work;
}

struct work *stage_next_send(void)
{
    struct work *work = stage_next();
    cr_assert(work != NULL, "nothing to send for %" PRId64 " ms", stage.again_ms);
    cr_assert(work->kind == WORK_SEND);
    return work;
}

struct work *stage_next_look(void)
{
    struct work *work = stage_next();
    cr_assert(work != NULL, "nothing to look for for %" PRId64 " ms", stage.again_ms);
    cr_assert(work->kind == WORK_LOOK);
    return work;
}

struct work *stage_next_inspection(void)
{
    struct work *work = stage_next();
    cr_assert(work != NULL, "nothing to inspect for %" PRId64 " ms", stage.again_ms);
    cr_assert(work->kind == WORK_INSPECT);
    return work;
}

int64_t stage_id(const struct work *work)
{
    return work->parcel.message->id;
}

static void keep_told(void *context, const struct settlement *settlement)
{
    (void)context;
    stage.told[stage.told_count++] = (struct told){ .id = settlement->message->id,
                                                    .state = settlement->message->state,
                                                    .doubted = settlement->message->doubted_at != 0,
                                                    .by_look = settlement->attempt == NULL,
                                                    .queued_ms = settlement->queued_ms,
                                                    .lane_ms = settlement->lane_ms,
                                                    .retry_ms = settlement->retry_ms };
}

void stage_settle(struct work *work, const struct delivery *delivery)
{
    stage.told_count = 0;
    dispatcher_settle(stage.dispatcher, work, delivery, stage.now, stage.dice, keep_told, NULL);
    cr_assert(stage.told_count == 1);
    stage_commit();
}

void stage_sent_as(struct work *work, const char *remote_id)
{
    struct delivery delivery = { .outcome = OUTCOME_SENT,
                                 .http = 201,
                                 .wait_ms = DELIVERY_NO_WAIT,
                                 .request_ms = stage.request_ms };
    snprintf(delivery.remote_id, sizeof delivery.remote_id, "%s", remote_id);
    stage_settle(work, &delivery);
}

void stage_sent(struct work *work)
{
    char remote_id[32];
    snprintf(remote_id, sizeof remote_id, "%" PRId64, stage.now.at);
    stage_sent_as(work, remote_id);
}

void stage_refused(struct work *work, int http, enum scope scope, msec_t wait_ms)
{
    struct delivery delivery = { .outcome = OUTCOME_REFUSED,
                                 .scope = scope,
                                 .throttled = http == 429,
                                 .http = http,
                                 .wait_ms = wait_ms };
    snprintf(delivery.detail, sizeof delivery.detail, "%d", http);
    stage_settle(work, &delivery);
}

void stage_unsent(struct work *work)
{
    stage_settle(work, &(struct delivery){ .outcome = OUTCOME_UNSENT,
                                           .scope = SCOPE_ENDPOINT,
                                           .wait_ms = DELIVERY_NO_WAIT,
                                           .code = "connect" });
}

void stage_doubt(struct work *work)
{
    stage_settle(work, &(struct delivery){ .outcome = OUTCOME_DOUBT,
                                           .scope = SCOPE_ENDPOINT,
                                           .wait_ms = DELIVERY_NO_WAIT,
                                           .code = "timeout" });
}

static void settle_look(struct work *work, const struct findings *findings)
{
    pacer_end(work->look.lists, true, stage.now.steady_at);
    stage.told_count = 0;
    dispatcher_settle_look(stage.dispatcher, work, findings, stage.now, stage.dice, keep_told,
                           NULL);
    stage_commit();
}

static int compare_stamps(const void *stamp, const void *entry)
{
    return strcmp(stamp, *(const char *const *)entry);
}

/* Where in the look's stamps that of a message is; it may be of no concern to it. */
static const char *const *find_stamp(const struct look *look, int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    const char *const *stamp =
        bsearch(message.stamp, look->stamps, look->count, sizeof *stamp, compare_stamps);
    message_clear(&message);
    return stamp;
}

static int64_t rank_of(int64_t id)
{
    struct message message;
    cr_assert(outbox_load(stage.outbox, id, &message));
    int64_t rank = message.rank;
    message_clear(&message);
    return rank;
}

void stage_looked_in_digest(struct work *work, int64_t first, int64_t last_rank)
{
    struct finding *seen = xcalloc(work->look.count, sizeof *seen);
    const char *const *stamp = find_stamp(&work->look, first);
    cr_assert(stamp != NULL);
    struct finding *finding = &seen[stamp - work->look.stamps];
    snprintf(finding->remote_id, sizeof finding->remote_id, "%" PRId64, stage.now.at);
    finding->first_rank = rank_of(first);
    finding->last_rank = last_rank;
    const struct findings findings = {
        .complete = true,
        .found = seen,
        .answer = { .outcome = OUTCOME_SENT, .http = 200, .wait_ms = DELIVERY_NO_WAIT }
    };
    settle_look(work, &findings);
    free(seen);
}

void stage_looked(struct work *work, bool complete, const int64_t *found)
{
    struct finding *seen = xcalloc(work->look.count, sizeof *seen);
    for (; *found; found++) {
        const char *const *stamp = find_stamp(&work->look, *found);
        if (stamp)
            snprintf(seen[stamp - work->look.stamps].remote_id, sizeof seen->remote_id, "%" PRId64,
                     stage.now.at);
    }
    const struct findings findings = {
        .complete = complete,
        .found = seen,
        /* as the courier calls every success */
        .answer = { .outcome = OUTCOME_SENT, .http = 200, .wait_ms = DELIVERY_NO_WAIT }
    };
    settle_look(work, &findings);
    free(seen);
}

void stage_look_failed(struct work *work, int http, enum scope scope)
{
    struct finding *nothing = xcalloc(work->look.count, sizeof *nothing);
    const struct findings findings = { .found = nothing,
                                       .answer = { .outcome = OUTCOME_REFUSED,
                                                   .scope = scope,
                                                   .throttled = http == 429,
                                                   .http = http,
                                                   .wait_ms = DELIVERY_NO_WAIT } };
    settle_look(work, &findings);
    free(nothing);
}

static void settle_inspection(struct work *work, const struct inspected *inspected)
{
    dispatcher_settle_inspection(stage.dispatcher, work, inspected, stage.now, stage.dice);
    stage_commit();
}

void stage_answered(struct work *work)
{
    settle_inspection(work, &(struct inspected){ .answered = true,
                                                 .answer = { .outcome = OUTCOME_SENT,
                                                             .http = 200,
                                                             .wait_ms = DELIVERY_NO_WAIT } });
}

void stage_inspection_failed(struct work *work, int http, enum scope scope)
{
    settle_inspection(work, &(struct inspected){ .answer = { .outcome = OUTCOME_REFUSED,
                                                             .scope = scope,
                                                             .http = http,
                                                             .wait_ms = DELIVERY_NO_WAIT } });
}

size_t stage_drain_now(void)
{
    size_t count = 0;
    for (struct work *work = stage_next(); work; work = stage_next()) {
        cr_assert(work->kind == WORK_SEND);
        stage_sent(work);
        count++;
    }
    return count;
}
