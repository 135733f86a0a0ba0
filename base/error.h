/*
 * error.h - why an operation failed, in words an operator can act on
 *
 * A function that can fail returns false and describes the failure in the
 * struct error passed as its last argument. The struct lives on the caller's
 * stack: reporting a failure never allocates, so it cannot fail in turn.
 * NULL means the caller does not need the reason.
 *
 * Conditions the caller must act upon (nothing due, outbox full) are not
 * errors. They are enum results, declared beside the function they belong to.
 */
#ifndef CHATRELAY_BASE_ERROR_H
#define CHATRELAY_BASE_ERROR_H

#include "base/attributes.h"

#include <stdarg.h>
#include <stdbool.h>

struct error {
    char text[256];
};

/*
 * Describe a failure. What does not fit is cut off between characters. Always false, so a caller
 * can `return error_set(...)`.
 */
bool error_set(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
bool error_vset(struct error *err, const char *format, va_list args) PRINTF_LIKE(2, 0);

/* Say what we were doing, in front of the reason found further down. */
bool error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
