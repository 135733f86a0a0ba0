/*
 * memory.h - allocation that does not fail
 *
 * Out of memory ends the program. All we have promised is on disk, so a fresh
 * start loses nothing, and no caller carries a branch that nobody can test.
 * Sizes of input are bounded, so no client can bring it about.
 */
#ifndef CHATRELAY_BASE_MEMORY_H
#define CHATRELAY_BASE_MEMORY_H

#include "base/attributes.h"

#include <stddef.h>

/* Zeroed memory, never NULL. To be freed with free(), as all below. */
void *xcalloc(size_t count, size_t size) __attribute__((returns_nonnull, malloc));

/* Resize to `count` items of `size` bytes; new bytes are not zeroed. */
void *xreallocarray(void *memory, size_t count, size_t size) __attribute__((returns_nonnull));

char *xstrdup(const char *text) __attribute__((returns_nonnull, malloc));

/* NULL stays NULL. */
char *xstrdup_or_null(const char *text) __attribute__((malloc));

/* `length` bytes of `bytes`, with a NUL put behind them. */
char *xmemdup0(const void *bytes, size_t length) __attribute__((returns_nonnull, malloc));

/* Free `*text` and put `other` in its place, which is taken over; either may be NULL. */
void replace_text(char **text, char *other);

char *xasprintf(const char *format, ...) PRINTF_LIKE(1, 2) __attribute__((returns_nonnull, malloc));

/* For CLEANUP(): frees what a pointer variable points to. */
void free_memory(void *pointer_to_pointer);

#endif
