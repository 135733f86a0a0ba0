#include "daemon/relay.h"

#include "base/duration.h"
#include "base/memory.h"
#include "daemon/backup_desk.h"
#include "daemon/chat_follow.h"
#include "daemon/check_desk.h"
#include "daemon/checkup.h"
#include "daemon/event_log.h"
#include "daemon/relay_state.h"
#include "daemon/sighting.h"
#include "daemon/supervisor.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static const int signal_numbers[RELAY_SIGNALS] = { SIGTERM, SIGINT, SIGHUP };

static void mask_signals(int how)
{
    sigset_t ours;
    sigemptyset(&ours);
    for (size_t i = 0; i < RELAY_SIGNALS; i++)
        sigaddset(&ours, signal_numbers[i]);
    sigprocmask(how, &ours, NULL);
}

void relay_hold_signals(void)
{
    mask_signals(SIG_BLOCK);
}

void relay_let_signals_through(void)
{
    mask_signals(SIG_UNBLOCK);
}

/* ---- what the parts tell us ------------------------------------------------------------------ */

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
    if (delivery_is_no_of_thread(settlement->delivery))
        checkup_wake(&relay->desk, lane_thread(settlement->message->lane));
    desk_notice(&relay->desk, settlement->message);
}

static void on_reported(void *context, const struct message *report)
{
    struct relay *relay = context;
    CLEANUP(free_memory) char *thread = NULL;
    if (!outbox_thread_name(relay->floor->outbox, lane_thread(report->lane), &thread))
        return;
    result_log_accepted(relay->log, report, thread, MSEC_NEVER);
    event_log_accepted(&relay->desk, report, thread);
}

static void on_inspected(void *context, const char *thread, const struct inspected *inspected)
{
    const struct relay *relay = context;
    result_log_inspected(relay->log, thread, inspected);
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
    result_log_tell(relay->log, "no-token", LOG_ERR, "[sender %s] no new access token: %s; %s%s",
                    sender, status->failure.text,
                    left[0] ? "the present one expires in " : "its messages wait", left);
}

static void on_line(void *context, struct peer *peer, const char *line, size_t length)
{
    struct relay *relay = context;
    desk_handle(&relay->desk, peer, line, length);
}

/* For a backup; nobody else is to fill our table of files. */
static bool may_pass_files(void *context, const struct asker *asker)
{
    const struct relay *relay = context;
    return directory_is_operator(relay->directory, asker);
}

static bool is_intake_full(void *context)
{
    const struct relay *relay = context;
    if (relay->desk.has_browsed)
        return true;
    return relay->floor->outbox && outbox_changes(relay->floor->outbox) >= TURN_MOST_ASKED;
}

/* ---- start and end --------------------------------------------------------------------------- */

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
                                        .clock = relay->clock,
                                        .listen_fd = fd,
                                        .most_peers = count_clients(),
                                        .may_pass_files = may_pass_files,
                                        .handle = on_line,
                                        .is_full = is_intake_full,
                                        .context = relay };
    relay->intake = intake_new(&setup);
    return true;
}

static struct desk desk_of(struct relay *relay)
{
    return (struct desk){ .floor = relay->floor,
                          .directory = relay->directory,
                          .log = relay->log,
                          .dice = &relay->dice,
                          .waits = &relay->waits,
                          .reader = relay->reader,
                          .now = clock_now(relay->clock),
                          .started_at = clock_now(relay->clock).at,
                          .has_room = true };
}

static void watch_signals(struct relay *relay)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* ignored, as a parent may leave it, it hides how a program ended */
    for (size_t i = 0; i < RELAY_SIGNALS; i++) {
        relay->signals[i] = evsignal_new(relay->loop, signal_numbers[i], on_signal, relay);
        event_add(relay->signals[i], NULL);
    }
    relay_let_signals_through();
}

struct relay *relay_new(const struct relay_setup *setup, struct error *err)
{
    struct relay *relay = xcalloc(1, sizeof *relay);
    relay->config_path = setup->config_path;
    relay->config = setup->config;
    relay->clock = setup->clock;
    relay->log = setup->log;
    relay_set_time_zone(relay->config);
    relay->loop = event_base_new();
    relay->alarm = alarm_new(relay->loop);
    relay->directory = directory_new(relay->config);
    const struct queue_floor_setup floor = { .loop = relay->loop,
                                             .clock = relay->clock,
                                             .dice = &relay->dice,
                                             .settled = on_settled,
                                             .reported = on_reported,
                                             .inspected = on_inspected,
                                             .token_news = on_token_news,
                                             .context = relay };
    relay->floor = queue_floor_new(&floor);
    relay->floor->restored = setup->restored;
    relay->reader = chat_reader_new(relay->floor, relay->clock);
    watch_signals(relay);
    relay->desk = desk_of(relay);
    relay->pager = pager_new(relay->loop, &relay->desk);
    if (queue_floor_open(relay->floor, relay->directory, clock_now(relay->clock), err)) {
        relay->desk.backups = backup_desk_new(&relay->desk); /* the outbox is ours alone now */
        checkup_configure(&relay->desk);
        if (open_socket(relay, err))
            return relay;
    }
    if (relay->floor->is_damaged)
        pager_ring_last(relay->pager);
    relay_free(relay);
    return NULL;
}

void relay_free(struct relay *relay)
{
    if (!relay)
        return;
    if (relay->socket_path)
        unlink(relay->socket_path);
    pager_free(relay->pager);
    backup_desk_free(relay->desk.backups);
    intake_free(relay->intake);
    chat_reader_free(relay->reader);
    chat_follow_clear(&relay->desk);
    sighting_clear(&relay->desk);
    check_desk_clear(&relay->desk);
    checkup_clear(&relay->desk);
    token_watch_clear(&relay->desk.token_watch);
    bookmarks_clear(&relay->desk.bookmarks);
    queue_floor_free(relay->floor);
    waits_clear(&relay->waits);
    directory_free(relay->directory);
    alarm_free(relay->alarm);
    for (size_t i = 0; i < RELAY_SIGNALS; i++)
        if (relay->signals[i])
            event_free(relay->signals[i]);
    if (relay->loop)
        event_base_free(relay->loop);
    config_clear(relay->config);
    free(relay->config);
    free(relay->socket_path);
    free(relay->status);
    free(relay);
}

void relay_say_if_copy(const struct relay *relay)
{
    if (relay->floor->upkeep.adoption.under_way)
        result_log_say(relay->log, LOG_WARNING,
                       "%s is a copy or a backup: what waits in it may have been sent since, "
                       "so each message is looked for before it is sent",
                       relay->floor->outbox_path);
}

/*
 * Without ONCE it would not come back as long as anybody has something to say. When sends have
 * ended, those that ended meanwhile share the commit: half of the lanes would wait for it else.
 */
static void read_everything(const struct relay *relay, bool at_once)
{
    event_base_loop(relay->loop, EVLOOP_ONCE | (at_once ? EVLOOP_NONBLOCK : 0));
    if (relay->floor->homecomers)
        event_base_loop(relay->loop, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void end_with_damage(struct relay *relay)
{
    struct refusal refusal;
    refusal_set(&refusal, REFUSAL_DOWN, NULL,
                "the relay ends, as its outbox is damaged: its log says what to do "
                "(journalctl -u chatrelayd)");
    pager_ring_last(relay->pager);
    intake_excuse(relay->intake, &refusal);
}

bool relay_run(struct relay *relay)
{
    bool more = true;
    supervisor_ready();
    result_log_tell(relay->log, "ready", LOG_NOTICE,
                    "version %s is ready, threads: %zu, socket: %s", CHATRELAY_VERSION,
                    relay->config->thread_count, relay->config->relay.socket_path);
    if (relay->config->thread_count == 0)
        result_log_say(relay->log, LOG_NOTICE,
                       "no threads yet: run  chatrelay setup  (or add a [sender NAME] and a "
                       "[thread NAME] to %s)",
                       relay->config_path);
    relay_say_if_copy(relay);
    turn_cost_start(&relay->floor->cost);
    while (!relay_is_done(relay)) {
        read_everything(relay, more);
        more = relay_take_turn(relay);
        turn_cost_end_turn(&relay->floor->cost);
    }
    if (relay->floor->is_damaged)
        end_with_damage(relay);
    result_log_say(relay->log, LOG_NOTICE, "stopped");
    return !relay->floor->is_damaged;
}
