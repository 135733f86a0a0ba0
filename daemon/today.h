/*
 * today.h - how many messages were sent since midnight
 *
 * In the time zone of the settings. It outlives a restart: what had been sent
 * before is noted in the outbox, once a day.
 */
#ifndef CHATRELAY_DAEMON_TODAY_H
#define CHATRELAY_DAEMON_TODAY_H

#include "base/clock.h"
#include "queue/outbox.h"

struct today {
    char date[16]; /* "2026-11-22"; "" at first */
    msec_t looked_at;
    int64_t sent_before;
};

/* Once a turn, before its commit: a new day may have begun. */
void today_begin(struct today *today, struct outbox *outbox, msec_t now_at);

int64_t today_sent(const struct today *today, const struct outbox *outbox);

#endif
