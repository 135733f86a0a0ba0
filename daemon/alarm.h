/*
 * alarm.h - one wake-up call at a time, on the event loop
 */
#ifndef CHATRELAY_DAEMON_ALARM_H
#define CHATRELAY_DAEMON_ALARM_H

#include "base/attributes.h"
#include "base/clock.h"

struct alarm;
struct event_base;

/* `loop` is borrowed. */
struct alarm *alarm_new(struct event_base *loop);

/* NULL is fine. */
void alarm_free(struct alarm *alarm);

/*
 * Let the loop wake up after `wait_ms`, instead of whenever it was set to
 * before; MSEC_NEVER: not at all. It wakes up earlier when somebody sets the
 * machine's clock, because instants on the wall clock may then have come.
 */
void alarm_set(struct alarm *alarm, msec_t wait_ms);

#endif
