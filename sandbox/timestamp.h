/*
 * timestamp.h - instants as the service writes them
 */
#ifndef CHATRELAY_SANDBOX_TIMESTAMP_H
#define CHATRELAY_SANDBOX_TIMESTAMP_H

#include "base/clock.h"
#include "base/instant.h"

/* ACS: createdOn has whole seconds in real answers, "2021-09-07T19:57:17Z". */
void timestamp_seconds(msec_t instant_at, char text[INSTANT_LONGEST_TEXT]);

/* ACS: a token's expiresOn, "2021-09-08T21:43:02.0010000+00:00". */
void timestamp_expiry(msec_t instant_at, char text[INSTANT_LONGEST_TEXT]);

#endif
