/*
 * result_log.h - one line for each message taken in, one for each attempt
 *
 *     id=42 accepted thread=ops user=root(0) pid=811 size=212 pri=normal eta=0s
 *     id=42 thread=ops attempt=1 status=sent http=201 delay=0.410 delays=0.000/0.000/0.050/0.360
 * remote=1593072104708
 *
 * To the journal with structured fields when standard error is connected to
 * it, else to standard error. Never content, never a secret. Lines of a turn
 * are kept until result_log_flush(), because what they say is not so before
 * its commit.
 */
#ifndef CHATRELAY_DAEMON_RESULT_LOG_H
#define CHATRELAY_DAEMON_RESULT_LOG_H

#include "base/attributes.h"
#include "queue/control.h"
#include "queue/dispatcher.h"

struct result_log;

/* What an attempt or a look left its message in, in the word of the lines. */
const char *result_log_status(const struct message *message);

struct result_log *result_log_new(void);
void result_log_free(struct result_log *log);

void result_log_accepted(struct result_log *log, const struct message *message, const char *thread,
                         msec_t eta_ms);
void result_log_settled(struct result_log *log, const struct settlement *settlement,
                        struct moment now);
/* It was replaced by a newer one while it waited. */
void result_log_folded(struct result_log *log, const struct message *message, int64_t into_id,
                       const char *thread);

/* It left its lane without an attempt or a hand. */
void result_log_moved(struct result_log *log, const struct message *message, const char *thread);

/* A thread was asked about itself, as a 400 left open whose fault it was. */
void result_log_inspected(struct result_log *log, const char *thread,
                          const struct inspected *inspected);

/* An operator's or owner's hand on a message: `by` is the user's name. */
void result_log_controlled(struct result_log *log, const struct message *message,
                           const char *thread, enum control control, const char *by);

/* The content of one that has not left is another now. */
void result_log_edited(struct result_log *log, const struct message *message, const char *thread,
                       const char *by);

/* A thread is paused until then; 0: it goes on. */
void result_log_paused(struct result_log *log, const char *thread, msec_t until_at, const char *by);

/* Write what the turn has logged, or forget it. */
void result_log_flush(struct result_log *log);
void result_log_drop(struct result_log *log);

/* A sentence about the daemon itself, at once. `priority` is one of syslog(3)'s. */
void result_log_say(const struct result_log *log, int priority, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Likewise, of a kind that the journal's catalog explains (journal.c). */
void result_log_tell(const struct result_log *log, const char *kind, int priority,
                     const char *format, ...) PRINTF_LIKE(4, 5);

#endif
