#include "sandbox/timestamp.h"

#include <stdio.h>
#include <string.h>

void timestamp_seconds(msec_t instant_at, char text[INSTANT_LONGEST_TEXT])
{
    instant_format_rfc3339(instant_at, text);
    char *fraction = strchr(text, '.');
    if (fraction)
        memcpy(fraction, "Z", sizeof "Z");
}

void timestamp_expiry(msec_t instant_at, char text[INSTANT_LONGEST_TEXT])
{
    instant_format_rfc3339(instant_at, text);
    size_t without_zone = strlen(text) - 1;
    snprintf(text + without_zone, INSTANT_LONGEST_TEXT - without_zone, "0000+00:00");
}
