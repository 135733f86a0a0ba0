/*
 * saying.h - what the tests of the command's words have in common: a text, and UTC
 */
#ifndef CHATRELAY_TESTS_UNIT_CLIENT_SAYING_H
#define CHATRELAY_TESTS_UNIT_CLIENT_SAYING_H

#include "base/clock.h"
#include "base/text.h"

#include <stdlib.h>
#include <time.h>

static const msec_t noon_at = 1795262400000; /* Saturday 2026-11-21 12:00 UTC */
static struct text out;

static inline void saying_start(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
}

static inline void saying_finish(void)
{
    text_clear(&out);
}

#endif
