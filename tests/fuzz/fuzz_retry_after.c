/* The value of a Retry-After header up to a newline, then that of Date. */
#include "base/memory.h"
#include "chat/retry_after.h"
#include "queue/courier.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void check(msec_t wait_ms)
{
    if (wait_ms != DELIVERY_NO_WAIT && (wait_ms < 0 || wait_ms > RETRY_AFTER_LONGEST_MS))
        abort();
}

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *value = xmemdup0(data, size);
    char *date = strchr(value, '\n');
    if (date)
        *date++ = '\0';
    check(retry_after_parse(value, date, 1795298400000));
    check(retry_after_parse_ms(value));
    free(value);
    return 0;
}
