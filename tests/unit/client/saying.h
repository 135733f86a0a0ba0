/*
 * saying.h - what the tests of the command's words have in common: a text, and UTC
 */
#ifndef CHATRELAY_TESTS_UNIT_CLIENT_SAYING_H
#define CHATRELAY_TESTS_UNIT_CLIENT_SAYING_H

#include "base/clock.h"
#include "base/text.h"

#include <criterion/criterion.h>
#include <jansson.h>
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

/* An answer of the relay's. */
static inline json_t *saying_parse(const char *text)
{
    json_error_t err;
    json_t *object = json_loads(text, 0, &err);
    cr_assert(object, "%s", err.text);
    return object;
}

#endif
