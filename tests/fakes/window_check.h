/*
 * window_check.h - judge by counting whether a limit was kept
 *
 * Independent of the pacer: it knows nothing but the instants at which a
 * service counted requests.
 */
#ifndef CHATRELAY_TESTS_FAKES_WINDOW_CHECK_H
#define CHATRELAY_TESTS_FAKES_WINDOW_CHECK_H

#include "queue/pacer.h"

/* How many of the rising instants were one too many within the last `window_ms`. */
size_t window_check_sliding(const msec_t *counted_at, size_t count, const struct pace *pace);

/* The same for windows that begin at `offset_ms` and every `window_ms` from there. */
size_t window_check_fixed(const msec_t *counted_at, size_t count, const struct pace *pace,
                          msec_t offset_ms);

#endif
