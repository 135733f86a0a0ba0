/*
 * journal.h - an entry of systemd's journal, with fields to search by
 *
 * MESSAGE_ID says what kind of event it is; the catalog (systemd/chatrelay.catalog)
 * explains each to people. `journalctl CHATRELAY_ID=42` tells a message's life.
 */
#ifndef CHATRELAY_DAEMON_JOURNAL_H
#define CHATRELAY_DAEMON_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

/* What is not said is left out: 0, "" or NULL. */
struct journal_entry {
    const char *kind; /* "sent", "paused", "ready": one of journal.c's; NULL: a mere sentence */
    int priority;     /* one of syslog(3)'s */
    int64_t id;
    int64_t attempt;
    int http;
    const char *thread;
    const char *status;
    const char *cv;
};

/* Nothing is done when nobody takes it: there is nobody to tell. */
void journal_send(const struct journal_entry *entry, const char *line, size_t length);

#endif
