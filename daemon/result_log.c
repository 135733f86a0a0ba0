#include "daemon/result_log.h"

#include "base/duration.h"
#include "base/harmless.h"
#include "base/instant.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon/journal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

/* What a line is about, as the journal's fields have it. */
struct entry {
    int priority;
    int64_t id;
    int64_t attempt;
    int http;
    const char *status; /* lives forever */
    char thread[80];
    char cv[80];
    size_t line_at; /* in `lines` */
};

struct result_log {
    bool to_journal;
    struct text lines; /* each with its newline */
    struct entry *entries;
    size_t count, capacity;
};

/* systemd.exec(5), $JOURNAL_STREAM: device and inode of the stream that goes to the journal. */
static bool is_connected_to_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    if (!stream || fstat(fd, &status) != 0)
        return false;
    char *ours CLEANUP(free_memory) =
        xasprintf("%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    return strcmp(stream, ours) == 0;
}

struct result_log *result_log_new(void)
{
    struct result_log *log = xcalloc(1, sizeof *log);
    log->to_journal = is_connected_to_journal(STDERR_FILENO);
    return log;
}

void result_log_free(struct result_log *log)
{
    if (!log)
        return;
    text_clear(&log->lines);
    free(log->entries);
    free(log);
}

static struct entry *begin(struct result_log *log, int priority, int64_t id, const char *thread,
                           const char *status)
{
    if (log->count == log->capacity) {
        log->capacity = log->capacity ? 2 * log->capacity : 64;
        log->entries = xreallocarray(log->entries, log->capacity, sizeof *log->entries);
    }
    struct entry *entry = &log->entries[log->count++];
    *entry = (struct entry){
        .priority = priority, .id = id, .status = status, .line_at = log->lines.length
    };
    text_copy(entry->thread, sizeof entry->thread, thread);
    return entry;
}

const char *result_log_status(const struct message *message)
{
    if (message_is_unfolded(message))
        return MESSAGE_UNFOLDED;
    if (message->state != MESSAGE_PENDING)
        return message_state_name(message->state);
    return message->doubted_at ? "doubt" : "deferred";
}

static int priority_of(const struct message *message)
{
    static const int priorities[MESSAGE_STATES] = {
        [MESSAGE_SCHEDULED] = LOG_WARNING, [MESSAGE_PENDING] = LOG_WARNING,
        [MESSAGE_HELD] = LOG_NOTICE,       [MESSAGE_SENT] = LOG_INFO,
        [MESSAGE_FOLDED] = LOG_INFO,       [MESSAGE_EXPIRED] = LOG_ERR,
        [MESSAGE_CANCELLED] = LOG_NOTICE,  [MESSAGE_DEAD] = LOG_ERR,
    };
    if (message->state == MESSAGE_HELD && message->doubted_at)
        return LOG_WARNING; /* not by a person: somebody has to look */
    return priorities[message->state];
}

/*
 * A line is made for every message and every delivery: so these do without printf,
 * which would be the dearest part of it. Names are " name=".
 */
static void add_word(struct text *lines, const char *name, const char *word)
{
    text_add(lines, name);
    text_add(lines, word);
}

static void add_number(struct text *lines, const char *name, int64_t number)
{
    text_add(lines, name);
    text_add_number(lines, number);
}

void result_log_accepted(struct result_log *log, const struct message *message, const char *thread,
                         msec_t eta_ms)
{
    char eta[DURATION_LONGEST_TEXT] = "unknown";
    struct text *lines = &log->lines;
    if (eta_ms != MSEC_NEVER)
        duration_format(eta_ms < 1000 ? 0 : eta_ms / 1000 * 1000, eta);
    begin(log, LOG_INFO, message->id, thread, "accepted");
    add_number(lines, "id=", message->id);
    add_word(lines, " accepted thread=", thread);
    add_word(lines, " user=", message->user);
    add_number(lines, "(", message->uid);
    add_number(lines, ") pid=", message->pid);
    add_number(lines, " size=", (int64_t)message->content_bytes);
    add_word(lines, " pri=", priority_name(lane_priority(message->lane)));
    add_word(lines, " eta=", eta);
    if (message->target_id)
        text_printf(lines, " %s=%" PRId64, message_kind_name(message->kind), message->target_id);
    text_add(lines, "\n");
}

/* In seconds, to the millisecond. */
static void add_seconds(struct text *lines, const char *name, msec_t duration_ms)
{
    const char fraction[] = { '.', (char)('0' + duration_ms / 100 % 10),
                              (char)('0' + duration_ms / 10 % 10), (char)('0' + duration_ms % 10) };
    add_number(lines, name, duration_ms / 1000);
    text_append(lines, fraction, sizeof fraction);
}

/* As Postfix does it: the sum, and where it was spent. */
static void add_delays(struct text *lines, const struct settlement *settlement, struct moment now)
{
    const struct message *message = settlement->message;
    add_seconds(lines, " delay=", msec_max(now.at - message_meant_at(message), 0));
    add_seconds(lines, " delays=", settlement->queued_ms);
    add_seconds(lines, "/", settlement->lane_ms);
    add_seconds(lines, "/", settlement->delivery->connect_ms);
    add_seconds(lines, "/", settlement->delivery->request_ms);
}

/* Of the chat's own: no field of the line can be forged by it. */
static void add_said(struct text *lines, const char *name, const char *word)
{
    text_add(lines, name);
    size_t from = lines->length;
    text_add(lines, word);
    harmless_keep_word(lines, from);
}

/* Which may be in the chat's words. */
static void add_reason(struct text *lines, const char *reason)
{
    text_add(lines, " reason=\"");
    size_t from = lines->length;
    text_add(lines, reason);
    harmless_keep_quoted(lines, from);
    text_add(lines, "\"");
}

static void add_answer(struct text *lines, const struct delivery *delivery)
{
    if (delivery->http)
        add_number(lines, " http=", delivery->http);
    if (delivery->code[0])
        add_said(lines, " code=", delivery->code);
}

static void add_retry(struct text *lines, const struct settlement *settlement)
{
    char retry[DURATION_LONGEST_TEXT];
    if (settlement->message->state != MESSAGE_PENDING)
        return;
    duration_format(settlement->retry_ms, retry);
    text_printf(lines, " %s=%s", settlement->message->doubted_at ? "look" : "retry", retry);
}

void result_log_settled(struct result_log *log, const struct settlement *settlement,
                        struct moment now)
{
    const struct message *message = settlement->message;
    const struct delivery *delivery = settlement->delivery;
    const char *status = result_log_status(message);
    struct text *lines = &log->lines;

    struct entry *entry = begin(log, priority_of(message), message->id, settlement->thread, status);
    entry->http = delivery->http;
    entry->attempt = settlement->attempt ? settlement->attempt->number : 0;
    text_copy(entry->cv, sizeof entry->cv, delivery->cv);
    add_number(lines, "id=", message->id);
    add_word(lines, " thread=", settlement->thread);
    if (settlement->attempt)
        add_number(lines, " attempt=", settlement->attempt->number);
    else
        text_add(lines, " look");
    add_word(lines, " status=", status);
    if (message->kind == MESSAGE_DIGEST)
        add_number(lines, " messages=", message->fold_count);
    add_answer(lines, delivery);
    add_delays(lines, settlement, now);
    add_retry(lines, settlement);
    if (message->state == MESSAGE_SENT)
        add_word(lines, " remote=", message->remote_id ? message->remote_id : "unknown");
    if (delivery->cv[0])
        add_said(lines, " cv=", delivery->cv);
    if (delivery->detail[0] && message->state != MESSAGE_SENT)
        add_reason(lines, delivery->detail);
    text_add(lines, "\n");
}

void result_log_moved(struct result_log *log, const struct message *message, const char *thread)
{
    const char *status = result_log_status(message);
    begin(log, priority_of(message), message->id, thread, status);
    text_printf(&log->lines, "id=%" PRId64 " thread=%s status=%s attempts=%" PRId64, message->id,
                thread, status, message->attempts);
    if (message->state != MESSAGE_EXPIRED && message->reason)
        add_reason(&log->lines, message->reason);
    text_add(&log->lines, "\n");
}

void result_log_folded(struct result_log *log, const struct message *message, int64_t into_id,
                       const char *thread)
{
    begin(log, LOG_INFO, message->id, thread, "folded");
    text_printf(&log->lines, "id=%" PRId64 " thread=%s status=folded into=%" PRId64 "\n",
                message->id, thread, into_id);
}

static const char *status_of_thread(const struct inspected *inspected)
{
    if (!inspected->answered)
        return "unanswered";
    return inspected->properties.deleted_at ? "deleted" : "answers";
}

void result_log_inspected(struct result_log *log, const char *thread,
                          const struct inspected *inspected)
{
    const struct delivery *answer = &inspected->answer;
    const char *status = status_of_thread(inspected);
    int priority = strcmp(status, "answers") == 0 ? LOG_INFO : LOG_WARNING;
    struct entry *entry = begin(log, priority, 0, thread, status);
    entry->http = answer->http;
    text_copy(entry->cv, sizeof entry->cv, answer->cv);
    text_printf(&log->lines, "thread=%s inspected status=%s", thread, status);
    add_answer(&log->lines, answer);
    if (answer->cv[0])
        add_said(&log->lines, " cv=", answer->cv);
    if (!inspected->answered && answer->detail[0])
        add_reason(&log->lines, answer->detail);
    text_add(&log->lines, "\n");
}

void result_log_controlled(struct result_log *log, const struct message *message,
                           const char *thread, enum control control, const char *by)
{
    static const char *const words[] = { [CONTROL_CANCEL] = "cancel",
                                         [CONTROL_HOLD] = "hold",
                                         [CONTROL_RELEASE] = "release",
                                         [CONTROL_RETRY] = "retry" };
    const char *status = message_state_name(message->state);
    begin(log, LOG_NOTICE, message->id, thread, status);
    text_printf(&log->lines, "id=%" PRId64 " thread=%s %s by=%s status=%s\n", message->id, thread,
                words[control], by, status);
}

void result_log_edited(struct result_log *log, const struct message *message, const char *thread,
                       const char *by)
{
    const char *status = message_state_name(message->state);
    begin(log, LOG_NOTICE, message->id, thread, status);
    text_printf(&log->lines, "id=%" PRId64 " thread=%s edit by=%s status=%s size=%zu\n",
                message->id, thread, by, status, message->content_bytes);
}

void result_log_paused(struct result_log *log, const char *thread, msec_t until_at, const char *by)
{
    char until[INSTANT_LONGEST_TEXT];
    begin(log, LOG_NOTICE, 0, thread, until_at ? "paused" : "resumed");
    text_printf(&log->lines, "thread=%s %s by=%s", thread, until_at ? "paused" : "resumed", by);
    if (until_at) {
        instant_format_rfc3339(until_at, until);
        text_printf(&log->lines, " until=%s", until);
    }
    text_add(&log->lines, "\n");
}

static void write_all(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, length);
        if (written <= 0)
            return; /* nobody reads; there is nobody to tell */
        bytes += written;
        length -= (size_t)written;
    }
}

static void send_to_journal(const struct entry *entry, const char *line, size_t length)
{
    const struct journal_entry fields = {
        .kind = entry->status,
        .priority = entry->priority,
        .id = entry->id,
        .attempt = entry->attempt,
        .http = entry->http,
        .thread = entry->thread,
        .status = entry->status,
        .cv = entry->cv,
    };
    journal_send(&fields, line, length);
}

void result_log_flush(struct result_log *log)
{
    for (size_t i = 0; i < log->count && log->to_journal; i++) {
        size_t end = i + 1 < log->count ? log->entries[i + 1].line_at : log->lines.length;
        const struct entry *entry = &log->entries[i];
        send_to_journal(entry, log->lines.bytes + entry->line_at, end - entry->line_at - 1);
    }
    if (!log->to_journal && log->count > 0)
        write_all(log->lines.bytes, log->lines.length);
    result_log_drop(log);
}

void result_log_drop(struct result_log *log)
{
    text_empty(&log->lines);
    log->count = 0;
}

static void PRINTF_LIKE(4, 0) say(const struct result_log *log, const char *kind, int priority,
                                  const char *format, va_list args)
{
    CLEANUP(free_memory) char *said = NULL;
    if (vasprintf(&said, format, args) < 0) {
        said = NULL;
        return;
    }
    if (log->to_journal) {
        const struct journal_entry entry = { .kind = kind, .priority = priority };
        journal_send(&entry, said, strlen(said));
        return;
    }
    CLEANUP(text_clear) struct text line = { 0 };
    text_printf(&line, "chatrelayd: %s\n", said);
    write_all(line.bytes, line.length);
}

void result_log_say(const struct result_log *log, int priority, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(log, NULL, priority, format, args);
    va_end(args);
}

void result_log_tell(const struct result_log *log, const char *kind, int priority,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(log, kind, priority, format, args);
    va_end(args);
}
