/*
 * fnv.h - a hash of bytes: FNV-1a, 64 bits (RFC 9923). Pure
 *
 *     uint64_t hash = fnv_add(FNV_START, name, strlen(name));
 *
 * Against accidents, and not against malice: whoever wants two texts of one hash finds them. It is
 * the same everywhere and for ever, as some are on disk.
 */
#ifndef CHATRELAY_BASE_FNV_H
#define CHATRELAY_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

/* Of no bytes at all. */
#define FNV_START UINT64_C(0xcbf29ce484222325)

/* Of the bytes that `hash` is of, with these behind them. */
uint64_t fnv_add(uint64_t hash, const char *bytes, size_t length);

#endif
