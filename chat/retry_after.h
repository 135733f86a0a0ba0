/*
 * retry_after.h - how long a server asks us to wait. Pure.
 */
#ifndef CHATRELAY_CHAT_RETRY_AFTER_H
#define CHATRELAY_CHAT_RETRY_AFTER_H

#include "base/clock.h"

/* Far more than anybody may wait; what is sensible is for the caller to say. */
#define RETRY_AFTER_LONGEST_MS (INT64_C(1000) * 365 * 24 * 60 * 60 * 1000)

/*
 * The Retry-After header of RFC 9110, section 10.2.3: seconds or an HTTP-date.
 * A date is held against `date`, the answer's own Date header, so that a wrong
 * clock on either side does no harm; where that is absent or nonsense, against
 * `now_at`. 0 to RETRY_AFTER_LONGEST_MS (longer is cut down to it), or
 * DELIVERY_NO_WAIT for NULL and nonsense.
 */
msec_t retry_after_parse(const char *value, const char *date, msec_t now_at);

/* Likewise of the headers that Azure's clients know beside it, in milliseconds. */
msec_t retry_after_parse_ms(const char *value);

#endif
