#include "chat/retry_after.h"

#include "base/instant.h"
#include "queue/courier.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Digits and nothing else, stopping at RETRY_AFTER_LONGEST_MS: any number of them is fine. */
static bool read_number(const char *text, msec_t *number)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || text[digits] != '\0')
        return false;
    *number = 0;
    for (; *text && *number < RETRY_AFTER_LONGEST_MS; text++)
        *number = *number * 10 + (*text - '0');
    return true;
}

static msec_t bounded(msec_t wait_ms)
{
    return msec_max(0, msec_min(wait_ms, RETRY_AFTER_LONGEST_MS));
}

msec_t retry_after_parse(const char *value, const char *date, msec_t now_at)
{
    msec_t seconds = 0, until_at = 0, answered_at = 0;
    if (!value)
        return DELIVERY_NO_WAIT;
    if (read_number(value, &seconds))
        return bounded(msec_min(seconds, RETRY_AFTER_LONGEST_MS) * 1000);
    if (!instant_parse_http(value, &until_at))
        return DELIVERY_NO_WAIT;
    if (!date || !instant_parse_http(date, &answered_at))
        answered_at = now_at;
    return bounded(until_at - answered_at);
}

msec_t retry_after_parse_ms(const char *value)
{
    msec_t wait_ms = 0;
    return value && read_number(value, &wait_ms) ? bounded(wait_ms) : DELIVERY_NO_WAIT;
}
