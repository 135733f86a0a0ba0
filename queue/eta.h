/*
 * eta.h - when a message's turn will come, if nothing fails
 */
#ifndef CHATRELAY_QUEUE_ETA_H
#define CHATRELAY_QUEUE_ETA_H

#include "queue/pacer.h"

/*
 * How long until the send that has `ahead` others before it may leave, one
 * after the other, each taking `round_trip_ms`. Costs as many steps as the
 * longest window has sends, however many are ahead: from there on the pattern
 * repeats itself.
 */
msec_t eta_ms(const struct pacer *pacer, bool urgent, int64_t ahead, msec_t round_trip_ms,
              msec_t now_steady_at);

#endif
