#include "daemon/relay.h"

#include "base/duration.h"
#include "base/memory.h"
#include "daemon/alarm.h"
#include "daemon/desk.h"
#include "daemon/event_log.h"
#include "daemon/intake.h"
#include "daemon/supervisor.h"

#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum {
    STOP_WITHIN_MS = 1500, /* what is under way gets so long to come home */
    TEND_AFTER_MS = 1000,  /* so long without a change counts as idle */
};

enum { SIGNALS = 3 };
static const int signal_numbers[SIGNALS] = { SIGTERM, SIGINT, SIGHUP };

struct relay {
    const char *config_path;
    struct config *config;
    const struct clock *clock;
    struct result_log *log;

    struct event_base *loop;
    struct event *signals[SIGNALS];
    struct alarm *alarm;
    struct directory *directory;
    struct queue_floor *floor;
    struct intake *intake;
    struct waits waits;
    struct dice dice;
    struct desk desk;

    char *socket_path; /* to be removed at the end; NULL when systemd made it */
    bool stop_asked, reload_asked;
    bool stopping;
    msec_t stop_by_steady_at; /* while stopping */
    msec_t changed_steady_at; /* the latest turn with a change */
    bool tended;              /* since then */
};

/* ---- what the parts tell us
 * ------------------------------------------------------------------------- */

static void on_signal(evutil_socket_t number, short what, void *context)
{
    struct relay *relay = context;
    (void)what;
    if (number == SIGHUP)
        relay->reload_asked = true;
    else
        relay->stop_asked = true;
}

static void on_settled(void *context, const struct settlement *settlement)
{
    struct relay *relay = context;
    relay->desk.now = clock_now(relay->clock);
    result_log_settled(relay->log, settlement, relay->desk.now);
    event_log_settled(&relay->desk, settlement);
    desk_notice(&relay->desk, settlement->message);
}

static void on_token_news(void *context, const char *sender, const struct token_status *status)
{
    const struct relay *relay = context;
    char left[DURATION_LONGEST_TEXT] = "";
    if (status->failures == 0) {
        result_log_say(relay->log, LOG_NOTICE, "[sender %s] has an access token again", sender);
        return;
    }
    if (status->has_token && status->expires_at != MSEC_NEVER)
        duration_say(status->expires_at - clock_now(relay->clock).at, left);
    result_log_say(relay->log, LOG_ERR, "[sender %s] no new access token: %s; %s%s", sender,
                   status->failure.text,
                   left[0] ? "the present one expires in " : "its messages wait", left);
}

static void on_expired(void *context, const struct message *message)
{
    struct relay *relay = context;
    char *thread = NULL;
    if (outbox_thread_name(relay->floor->outbox, lane_thread(message->lane), &thread))
        result_log_expired(relay->log, message, thread);
    free(thread);
    event_log_moved(&relay->desk, message, NULL);
    desk_notice(&relay->desk, message);
}

static void on_line(void *context, struct peer *peer, const char *line, size_t length)
{
    struct relay *relay = context;
    desk_handle(&relay->desk, peer, line, length);
}

static bool is_intake_full(void *context)
{
    const struct relay *relay = context;
    if (relay->desk.has_browsed)
        return true;
    return relay->floor->outbox && outbox_changes(relay->floor->outbox) >= TURN_MOST_ASKED;
}

/* ---- start and end
 * ----------------------------------------------------------------------------------- */

/*
 * How many clients there may be at a time. Accepting fails for good when files
 * run out, and so does the way to the chat: so some are kept for that.
 */
static size_t count_clients(void)
{
    enum { OURS = 64, KEPT = OURS + DISPATCHER_MOST_UNDER_WAY };
    size_t files = supervisor_open_files(INTAKE_MOST_PEERS + KEPT);
    return files > 2 * (size_t)KEPT ? files - KEPT : files / 2;
}

static bool open_socket(struct relay *relay, struct error *err)
{
    bool is_ours = false;
    const char *path = relay->config->relay.socket_path;
    int fd = supervisor_listen(path, &is_ours, err);
    if (fd < 0)
        return false;
    relay->socket_path = is_ours ? xstrdup(path) : NULL;
    const struct intake_setup setup = { .loop = relay->loop,
                                        .waits = &relay->waits,
                                        .listen_fd = fd,
                                        .most_peers = count_clients(),
                                        .handle = on_line,
                                        .is_full = is_intake_full,
                                        .context = relay };
    relay->intake = intake_new(&setup);
    return true;
}

static bool open_floor(struct relay *relay, struct error *err)
{
    struct moment now = clock_now(relay->clock);
    return queue_floor_open(relay->floor, relay->directory, now, err);
}

static struct desk desk_of(struct relay *relay)
{
    return (struct desk){ .floor = relay->floor,
                          .directory = relay->directory,
                          .log = relay->log,
                          .dice = &relay->dice,
                          .waits = &relay->waits,
                          .now = clock_now(relay->clock),
                          .started_at = clock_now(relay->clock).at,
                          .has_room = true };
}

/* What people read names its times in this zone; tzset(3) has it for the whole process. */
static void set_time_zone(const struct config *config)
{
    const char *zone = getenv("TZ"); /* NOLINT(concurrency-mt-unsafe): nobody else changes it */
    if (zone && strcmp(zone, config->relay.time_zone) == 0)
        return;
    setenv("TZ", config->relay.time_zone, 1); /* NOLINT(concurrency-mt-unsafe) */
    tzset();
}

static void watch_signals(struct relay *relay)
{
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < SIGNALS; i++) {
        relay->signals[i] = evsignal_new(relay->loop, signal_numbers[i], on_signal, relay);
        event_add(relay->signals[i], NULL);
    }
}

struct relay *relay_new(const struct relay_setup *setup, struct error *err)
{
    struct relay *relay = xcalloc(1, sizeof *relay);
    relay->config_path = setup->config_path;
    relay->config = setup->config;
    relay->clock = setup->clock;
    relay->log = setup->log;
    set_time_zone(relay->config);
    relay->loop = event_base_new();
    relay->alarm = alarm_new(relay->loop);
    relay->directory = directory_new(relay->config);
    const struct queue_floor_setup floor = { .loop = relay->loop,
                                             .clock = relay->clock,
                                             .dice = &relay->dice,
                                             .settled = on_settled,
                                             .token_news = on_token_news,
                                             .context = relay };
    relay->floor = queue_floor_new(&floor);
    relay->floor->restored = setup->restored;
    watch_signals(relay);
    relay->desk = desk_of(relay);
    if (open_floor(relay, err) && open_socket(relay, err))
        return relay;
    relay_free(relay);
    return NULL;
}

void relay_free(struct relay *relay)
{
    if (!relay)
        return;
    if (relay->socket_path)
        unlink(relay->socket_path);
    intake_free(relay->intake);
    queue_floor_free(relay->floor);
    waits_clear(&relay->waits);
    directory_free(relay->directory);
    alarm_free(relay->alarm);
    for (size_t i = 0; i < SIGNALS; i++)
        if (relay->signals[i])
            event_free(relay->signals[i]);
    if (relay->loop)
        event_base_free(relay->loop);
    config_clear(relay->config);
    free(relay->config);
    free(relay->socket_path);
    free(relay);
}

/* ---- reload: all or nothing
 * ---------------------------------------------------------------------------- */

static void warn_of_what_needs_a_restart(const struct relay *relay, const struct config *next)
{
    if (strcmp(relay->config->relay.socket_path, next->relay.socket_path) != 0)
        result_log_say(relay->log, LOG_WARNING, "socket = %s takes effect with a restart",
                       next->relay.socket_path);
    if (strcmp(relay->config->relay.outbox_path, next->relay.outbox_path) != 0)
        result_log_say(relay->log, LOG_WARNING, "outbox = %s takes effect with a restart",
                       next->relay.outbox_path);
}

/* Swap the settings in, if the queue floor takes them. */
static bool adopt(struct relay *relay, struct config *next, struct error *err)
{
    struct directory *directory = directory_new(next);
    if (relay->floor->outbox &&
        !queue_floor_configure(relay->floor, directory, clock_now(relay->clock), err)) {
        directory_free(directory);
        return false;
    }
    warn_of_what_needs_a_restart(relay, next);
    directory_free(relay->directory);
    config_clear(relay->config);
    free(relay->config);
    relay->config = next;
    set_time_zone(next);
    relay->directory = directory;
    relay->desk.directory = directory;
    return true;
}

static void say_problems(const struct relay *relay, const struct config_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct config_problem *problem = &problems->items[i];
        result_log_say(relay->log, problem->severity == CONFIG_ERROR ? LOG_ERR : LOG_WARNING,
                       "%s:%d: %s", problem->file, problem->line, problem->text);
    }
}

static void reload(struct relay *relay)
{
    struct config *next = xcalloc(1, sizeof *next);
    struct config_problems problems = { 0 };
    struct error err = { "" };

    relay->reload_asked = false;
    supervisor_reloading();
    bool valid = config_load(relay->config_path, next, &problems);
    say_problems(relay, &problems);
    config_problems_clear(&problems);
    if (valid && adopt(relay, next, &err)) {
        result_log_say(relay->log, LOG_NOTICE, "settings reloaded, threads: %zu",
                       relay->config->thread_count);
    } else {
        result_log_say(relay->log, LOG_ERR, "settings not reloaded, nothing has changed%s%s",
                       err.text[0] ? ": " : "", err.text);
        config_clear(next);
        free(next);
    }
    supervisor_ready();
}

/* ---- the turn
 * -------------------------------------------------------------------------------------------- */

static void begin_stop(struct relay *relay, struct moment now)
{
    relay->stop_asked = false;
    relay->stopping = true;
    relay->stop_by_steady_at = now.steady_at + STOP_WITHIN_MS;
    supervisor_stopping();
    intake_close_door(relay->intake);
    if (relay->floor->dispatcher)
        dispatcher_drain(relay->floor->dispatcher);
}

static void say_if_copy(const struct relay *relay)
{
    if (relay->floor->upkeep.adoption.under_way)
        result_log_say(relay->log, LOG_WARNING,
                       "%s is a copy or a backup: what waits in it may have been sent since, "
                       "so each message is looked for before it is sent",
                       relay->config->relay.outbox_path);
}

static void reopen_if_due(struct relay *relay, struct moment now)
{
    struct error err;
    if (relay->floor->outbox || relay->stopping || now.steady_at < relay->floor->reopen_steady_at)
        return;
    if (!open_floor(relay, &err)) {
        result_log_say(relay->log, LOG_ERR, "%s%s", err.text,
                       relay->floor->is_damaged ? "" : "; still trying");
        return;
    }
    result_log_say(relay->log, LOG_NOTICE, "the outbox is open again");
    say_if_copy(relay);
    desk_review_waits(&relay->desk);
}

/* What can wait for a turn that has nothing better to do. Returns how long until there is more. */
static msec_t keep(struct relay *relay, bool is_idle, struct moment now)
{
    const struct config_relay *settings = &relay->config->relay;
    const struct retention_policy policy = { .keep_content_ms = settings->keep_content_ms,
                                             .keep_record_ms = settings->keep_record_ms,
                                             .once_window_ms = settings->once_window_ms };
    return relay->stopping ? MSEC_NEVER : queue_floor_keep(relay->floor, &policy, is_idle, now);
}

/* Read everything: lines, deadlines, and what may be begun. Returns how long until there is more.
 */
static msec_t fill_turn(struct relay *relay, struct moment now)
{
    struct queue_floor *floor = relay->floor;
    relay->desk.now = now;
    relay->desk.has_browsed = false;
    relay->desk.has_room =
        !floor->outbox || queue_floor_has_room(floor, relay->config->relay.min_free_bytes);
    intake_process(relay->intake, floor->turn, now);
    desk_end_late_waits(&relay->desk);
    if (!floor->outbox)
        return msec_max(floor->reopen_steady_at - now.steady_at, 0);
    msec_t again_ms = queue_floor_dispatch(floor, now, on_expired, relay);
    bool is_idle = again_ms > 0 && !intake_has_work(relay->intake);
    return msec_min(again_ms, keep(relay, is_idle, now));
}

/* Write once, and act. */
static void end_turn(struct relay *relay, struct moment now)
{
    struct error err;
    size_t changes = relay->floor->outbox ? outbox_changes(relay->floor->outbox) : 0;
    if (changes > 0) {
        relay->changed_steady_at = now.steady_at;
        relay->tended = false;
    }
    if (queue_floor_end_turn(relay->floor, now, &err)) {
        result_log_flush(relay->log);
        return;
    }
    result_log_drop(relay->log);
    result_log_say(relay->log, LOG_CRIT, "%s%s", err.text,
                   relay->floor->is_damaged ? "" : "; opening the outbox anew");
}

/* Housekeeping for when nothing else wants the disk. Returns how long until it is due. */
static msec_t tend(struct relay *relay, struct moment now)
{
    struct error err;
    msec_t idle_ms = now.steady_at - relay->changed_steady_at;
    if (relay->tended || !relay->floor->outbox)
        return MSEC_NEVER;
    if (idle_ms < TEND_AFTER_MS)
        return TEND_AFTER_MS - idle_ms;
    if (!outbox_tend(relay->floor->outbox, &err))
        result_log_say(relay->log, LOG_ERR, "%s", err.text);
    relay->tended = !outbox_shrink(relay->floor->outbox);
    return relay->tended ? MSEC_NEVER : 0;
}

static void set_alarm(struct relay *relay, msec_t wait_ms, struct moment now)
{
    wait_ms = msec_min(wait_ms, waits_next_ms(&relay->waits, now));
    wait_ms = msec_min(wait_ms, intake_next_ms(relay->intake, now));
    wait_ms = msec_min(wait_ms, supervisor_watch_ms());
    wait_ms = msec_min(wait_ms, tend(relay, now));
    if (relay->stopping)
        wait_ms = msec_min(wait_ms, msec_max(relay->stop_by_steady_at - now.steady_at, 0));
    alarm_set(relay->alarm, wait_ms);
}

/* One turn. True when the next one must not wait for anything. */
static bool take_turn(struct relay *relay)
{
    struct moment now = clock_now(relay->clock);
    if (relay->stop_asked)
        begin_stop(relay, now);
    if (relay->reload_asked)
        reload(relay);
    reopen_if_due(relay, now);
    msec_t again_ms = fill_turn(relay, now);
    end_turn(relay, now);
    set_alarm(relay, again_ms, now);
    supervisor_alive();
    return again_ms == 0 || intake_has_work(relay->intake);
}

static bool is_done(const struct relay *relay)
{
    if (relay->floor->is_damaged)
        return true;
    if (!relay->stopping)
        return false;
    const struct dispatcher *dispatcher = relay->floor->dispatcher;
    return !dispatcher || dispatcher_under_way(dispatcher) == 0 ||
           clock_now(relay->clock).steady_at >= relay->stop_by_steady_at;
}

bool relay_run(struct relay *relay)
{
    bool more = true;
    supervisor_ready();
    result_log_say(relay->log, LOG_NOTICE, "version %s is ready, threads: %zu, socket: %s",
                   CHATRELAY_VERSION, relay->config->thread_count,
                   relay->config->relay.socket_path);
    if (relay->config->thread_count == 0)
        result_log_say(relay->log, LOG_NOTICE,
                       "no threads yet: add a [sender NAME] and a [thread NAME] to %s",
                       relay->config_path);
    say_if_copy(relay);
    while (!is_done(relay)) {
        /* Without ONCE it would not come back as long as anybody has something to say. */
        event_base_loop(relay->loop, EVLOOP_ONCE | (more ? EVLOOP_NONBLOCK : 0));
        more = take_turn(relay);
    }
    result_log_say(relay->log, LOG_NOTICE, "stopped");
    return !relay->floor->is_damaged;
}
