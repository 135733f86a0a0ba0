/*
 * One turn: read everything, write once, act.
 */
#include "daemon/backup_desk.h"
#include "daemon/chat_follow.h"
#include "daemon/checkup.h"
#include "daemon/event_log.h"
#include "daemon/relay_state.h"
#include "daemon/sighting.h"
#include "daemon/supervisor.h"
#include "daemon/wait_desk.h"

#include <stdlib.h>
#include <syslog.h>

enum {
    STOP_WITHIN_MS = 1500, /* what is under way gets so long to come home */
    TEND_AFTER_MS = 1000,  /* so long without a change counts as idle */
};

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

static void reopen_if_due(struct relay *relay, struct moment now)
{
    struct error err;
    if (relay->floor->outbox || relay->stopping || now.steady_at < relay->floor->reopen_steady_at)
        return;
    if (!queue_floor_open(relay->floor, relay->directory, now, &err)) {
        result_log_tell(relay->log, "outbox-failed", LOG_ERR, "%s%s", err.text,
                        relay->floor->is_damaged ? "" : "; still trying");
        return;
    }
    result_log_say(relay->log, LOG_NOTICE, "the outbox is open again");
    relay_say_if_copy(relay);
    checkup_configure(&relay->desk);
    waits_call_all(&relay->waits);
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

/*
 * A message has left its lane without an answer to an attempt: it expired, a look found it
 * behind its lane's head, it was a change that ended by itself, or it was set aside since the
 * last run left it in doubt.
 */
static void on_moved(void *context, const struct message *message)
{
    struct relay *relay = context;
    char *thread = NULL;
    if (outbox_thread_name(relay->floor->outbox, lane_thread(message->lane), &thread))
        result_log_moved(relay->log, message, thread);
    free(thread);
    event_log_moved(&relay->desk, message, NULL);
    desk_notice(&relay->desk, message);
}

/* Read everything: lines, deadlines, and what may be begun. Returns how long until there is more.
 */
static msec_t fill_turn(struct relay *relay, struct moment now)
{
    struct queue_floor *floor = relay->floor;
    if (floor->outbox)
        queue_floor_settle(floor, now);
    relay->desk.now = now;
    relay->desk.has_browsed = false;
    relay->desk.has_room =
        !floor->outbox || queue_floor_has_room(floor, relay->config->relay.min_free_bytes);
    intake_process(relay->intake, floor->turn, now);
    if (!floor->outbox)
        return msec_max(floor->reopen_steady_at - now.steady_at, 0);
    today_begin(&relay->desk.today, floor->outbox, now.at);
    msec_t again_ms = queue_floor_dispatch(floor, now, on_moved, relay);
    again_ms = msec_min(again_ms, chat_follow_tend(&relay->desk));
    again_ms = msec_min(again_ms, sighting_tend(&relay->desk));
    again_ms = msec_min(again_ms, checkup_tend(&relay->desk));
    again_ms = msec_min(again_ms, token_watch_tend(&relay->desk));
    again_ms = msec_min(again_ms, chat_reader_tend(relay->reader, now));
    again_ms = msec_min(again_ms, wait_desk_tend(&relay->desk));
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
        pager_ring(relay->pager);
        return;
    }
    result_log_drop(relay->log);
    chat_reader_give_up(relay->reader);
    backup_desk_give_up(relay->desk.backups);
    result_log_tell(relay->log, "outbox-failed", LOG_CRIT, "%s%s", err.text,
                    relay->floor->is_damaged ? "" : "; opening the outbox anew");
}

/* Housekeeping, most of it for when nothing else wants the disk. Returns how long until it is due.
 */
static msec_t tend(struct relay *relay, struct moment now)
{
    struct outbox *outbox = relay->floor->outbox;
    msec_t idle_ms = now.steady_at - relay->changed_steady_at;
    bool is_idle = idle_ms >= TEND_AFTER_MS;
    if (relay->tended || !outbox)
        return MSEC_NEVER;
    bool failed = !outbox_tend(outbox, is_idle, NULL);
    if (!failed && !is_idle)
        return TEND_AFTER_MS - idle_ms;
    relay->tended = failed || !outbox_shrink(outbox);
    /* One that has failed is told of and opened anew by the next turn, before a client comes. */
    return relay->tended && !outbox_failure(outbox) ? MSEC_NEVER : 0;
}

/*
 * Not every turn: each word of ours is work for the first process of the system. Returns how long
 * until the next is due.
 */
static msec_t say_alive(struct relay *relay, struct moment now)
{
    msec_t every_ms = supervisor_watch_ms();
    if (every_ms == MSEC_NEVER)
        return MSEC_NEVER;
    msec_t silent_ms = now.steady_at - relay->alive_steady_at;
    if (silent_ms < every_ms)
        return every_ms - silent_ms;
    relay->alive_steady_at = now.steady_at;
    supervisor_alive();
    return every_ms;
}

static void set_alarm(struct relay *relay, msec_t wait_ms, struct moment now)
{
    wait_ms = msec_min(wait_ms, intake_next_ms(relay->intake, now));
    turn_cost_begin_write(&relay->floor->cost);
    wait_ms = msec_min(wait_ms, tend(relay, now));
    turn_cost_end_write(&relay->floor->cost);
    wait_ms = msec_min(wait_ms, relay_tell_status(relay, now));
    wait_ms = msec_min(wait_ms, say_alive(relay, now));
    if (relay->stopping)
        wait_ms = msec_min(wait_ms, msec_max(relay->stop_by_steady_at - now.steady_at, 0));
    alarm_set(relay->alarm, wait_ms);
}

bool relay_take_turn(struct relay *relay)
{
    struct moment now = clock_now(relay->clock);
    if (relay->stop_asked)
        begin_stop(relay, now);
    if (relay->reload_asked)
        relay_reload(relay);
    reopen_if_due(relay, now);
    msec_t again_ms = fill_turn(relay, now);
    pager_note(relay->pager);
    if (!relay->stopping)
        again_ms = msec_min(again_ms, pager_look(relay->pager));
    end_turn(relay, now);
    if (backup_desk_step(relay->desk.backups))
        again_ms = 0;
    set_alarm(relay, again_ms, now);
    return again_ms == 0 || intake_has_work(relay->intake);
}

bool relay_is_done(const struct relay *relay)
{
    if (relay->floor->is_damaged)
        return true;
    if (!relay->stopping)
        return false;
    const struct dispatcher *dispatcher = relay->floor->dispatcher;
    return !dispatcher || dispatcher_under_way(dispatcher) == 0 ||
           clock_now(relay->clock).steady_at >= relay->stop_by_steady_at;
}
