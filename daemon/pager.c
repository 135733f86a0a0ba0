#include "daemon/pager.h"

#include "base/duration.h"
#include "base/file.h"
#include "base/memory.h"
#include "chat/program.h"
#include "daemon/loss_note.h"
#include "daemon/needs.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

enum {
    LOOK_EVERY_MS = 1000,     /* more often is not worth it, however much changes */
    WAKE_EVERY_MS = 60000,    /* a token dies while nothing changes */
    AGAIN_MS = 5 * 60 * 1000, /* after the command failed */
    TIMEOUT_MS = 60 * 1000,
    LAST_TIMEOUT_MS = 10 * 1000, /* when we end */
    LONGEST_OUTPUT = 64 * 1024,
};

/* Its text is "AT", and " failed" behind it if nobody was called then after all. */
static const char rung_note[] = "alarm_rung_at";
static const char failed_word[] = " failed";

struct pager {
    struct event_base *loop;
    struct desk *desk;
    struct program *program; /* NULL: it does not run */
    char *due;               /* what it is to read, once the turn is committed */
    int64_t said_losses;     /* in what was looked at last, as loss_note.h counts them */
    int64_t rung_losses;     /* likewise in what the command was told */
    msec_t rung_at;
    bool has_failed;       /* then */
    bool knows_rung;       /* as an earlier run left it */
    bool has_ended;        /* which is to be noted */
    bool notes_ending;     /* in this turn */
    msec_t look_steady_at; /* when to look again */
    msec_t looked_steady_at;
};

struct pager *pager_new(struct event_base *loop, struct desk *desk)
{
    struct pager *pager = xcalloc(1, sizeof *pager);
    pager->loop = loop;
    pager->desk = desk;
    return pager;
}

void pager_free(struct pager *pager)
{
    if (!pager)
        return;
    program_free(pager->program);
    free(pager->due);
    free(pager);
}

msec_t pager_wait_ms(msec_t rung_at, msec_t every_ms, msec_t now_at)
{
    if (rung_at == 0 || rung_at > now_at)
        return 0;
    return msec_max(msec_add(rung_at, every_ms) - now_at, 0);
}

msec_t pager_every_ms(msec_t every_ms, bool has_failed)
{
    return has_failed ? msec_min(every_ms, AGAIN_MS) : every_ms;
}

/* ---- when it is told ------------------------------------------------------------------------ */

/* With a head and a tail, for the command to read; to be freed. */
static char *compose(const char *needs)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    return xasprintf("chatrelay on %s needs a person:\n%sMore: chatrelay status\n", host, needs);
}

static void remember(struct pager *pager)
{
    if (pager->knows_rung || !pager->desk->floor->outbox)
        return;
    CLEANUP(free_memory) char *text = outbox_note(pager->desk->floor->outbox, rung_note);
    char *rest = text;
    pager->rung_at = text ? strtoll(text, &rest, 10) : 0;
    pager->has_failed = text && strcmp(rest, failed_word) == 0;
    pager->knows_rung = true;
}

static void note_rung(const struct pager *pager, msec_t rung_at, bool has_failed)
{
    CLEANUP(free_memory)
    char *text = xasprintf("%" PRId64 "%s", rung_at, has_failed ? failed_word : "");
    outbox_set_note(pager->desk->floor->outbox, rung_note, text);
}

static void decide_to_ring(struct pager *pager, const char *needs)
{
    struct desk *desk = pager->desk;
    free(pager->due);
    pager->due = compose(needs);
    if (!desk->floor->outbox || desk->floor->unwritten > 0)
        return; /* what could not be written would not be told */
    note_rung(pager, desk->now.at, false);
}

static msec_t look_again(struct pager *pager, msec_t wait_ms)
{
    pager->look_steady_at = msec_add(pager->desk->now.steady_at, wait_ms);
    return wait_ms;
}

/* Has anything happened that makes it worth a look? */
static bool is_stirred(const struct pager *pager)
{
    const struct desk *desk = pager->desk;
    return !desk->has_room || !desk->floor->outbox || outbox_changes(desk->floor->outbox) > 0 ||
           pager->look_steady_at <= desk->now.steady_at;
}

msec_t pager_look(struct pager *pager)
{
    CLEANUP(text_clear) struct text needs = { 0 };
    const struct desk *desk = pager->desk;
    const struct config_relay *settings = &desk->directory->config->relay;
    msec_t looked_ms = desk->now.steady_at - pager->looked_steady_at;
    if (!settings->alarm_command || pager->program)
        return MSEC_NEVER;
    if (!is_stirred(pager))
        return msec_max(pager->look_steady_at - desk->now.steady_at, 0);
    if (looked_ms < LOOK_EVERY_MS && pager->looked_steady_at)
        return look_again(pager, LOOK_EVERY_MS - looked_ms);

    pager->looked_steady_at = desk->now.steady_at;
    remember(pager);
    needs_say(pager->desk, &needs, &pager->said_losses);
    if (needs.length == 0)
        return look_again(pager, WAKE_EVERY_MS);
    msec_t every_ms = pager_every_ms(settings->alarm_every_ms, pager->has_failed);
    msec_t wait_ms = pager_wait_ms(pager->rung_at, every_ms, desk->now.at);
    if (wait_ms > 0)
        return look_again(pager, wait_ms);
    decide_to_ring(pager, needs.bytes);
    return look_again(pager, settings->alarm_every_ms);
}

/* ---- what outlives a restart ---------------------------------------------------------------- */

/* The turn's own, which are not among desk->losses before its commit. */
static void note_losses(const struct desk *desk)
{
    const struct losses *losses = &desk->new_losses;
    if (losses->count > 0 && desk->directory->config->relay.alarm_command)
        loss_note_add(desk->floor->outbox, losses->count, losses->latest_id);
}

/* While the outbox cannot be written that waits: it would undo a turn that can be told of. */
static void note_ending(struct pager *pager)
{
    const struct queue_floor *floor = pager->desk->floor;
    if (!pager->has_ended || floor->unwritten > 0)
        return;
    pager->notes_ending = true;
    if (pager->has_failed)
        note_rung(pager, pager->rung_at, true);
    else
        loss_note_tell(floor->outbox, pager->rung_losses);
}

void pager_note(struct pager *pager)
{
    pager->notes_ending = false;
    if (!pager->desk->floor->outbox)
        return;
    note_losses(pager->desk);
    note_ending(pager);
}

/* ---- the command ---------------------------------------------------------------------------- */

static void on_done(void *context, const char *output, size_t length, const struct error *err)
{
    struct pager *pager = context;
    (void)length;
    pager->program = NULL;
    pager->has_ended = true;
    pager->has_failed = !output;
    pager->look_steady_at = 0;
    if (output)
        result_log_say(pager->desk->log, LOG_NOTICE, "a person was called (alarm_command)");
    else
        result_log_say(pager->desk->log, LOG_ERR, "nobody was called (alarm_command): %s",
                       err->text);
}

static void start(struct pager *pager, const char *text, msec_t timeout_ms)
{
    const char *command = pager->desk->directory->config->relay.alarm_command;
    pager->program =
        program_start(pager->loop, command, text, timeout_ms, LONGEST_OUTPUT, on_done, pager);
}

void pager_ring(struct pager *pager)
{
    if (pager->notes_ending)
        pager->has_ended = pager->notes_ending = false;
    if (!pager->due)
        return;
    if (pager->desk->directory->config->relay.alarm_command && !pager->program) {
        pager->rung_at = pager->desk->now.at;
        pager->rung_losses = pager->said_losses;
        pager->has_ended = false;
        start(pager, pager->due, TIMEOUT_MS);
    }
    free(pager->due);
    pager->due = NULL;
}

/* When somebody was called for a damaged outbox, as its file says; 0: never. */
static msec_t stamped_at(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    return (msec_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
}

/* Whether somebody is to be called for a damaged outbox now; if so, that is written down. */
static bool may_ring_last(const struct pager *pager)
{
    const struct desk *desk = pager->desk;
    const struct config_relay *settings = &desk->directory->config->relay;
    CLEANUP(free_memory) char *path = xasprintf("%s.alarm", desk->floor->outbox_path);
    if (!settings->alarm_command ||
        pager_wait_ms(stamped_at(path), settings->alarm_every_ms, desk->now.at) > 0)
        return false;
    if (!file_make_private(path))
        result_log_say(desk->log, LOG_WARNING,
                       "cannot make %s, so alarm_command is run again at the next start: %s", path,
                       strerrordesc_np(errno));
    return true;
}

void pager_ring_last(struct pager *pager)
{
    if (!may_ring_last(pager))
        return;
    CLEANUP(free_memory)
    char *text = compose(
        "the outbox is damaged, and the relay has ended: "
        "see its log\n");
    program_free(pager->program);
    start(pager, text, LAST_TIMEOUT_MS);
    while (pager->program)
        event_base_loop(pager->loop, EVLOOP_ONCE);
}
