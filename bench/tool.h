/*
 * tool.h - what every program here needs; each failure ends the program
 */
#ifndef CHATRELAY_BENCH_TOOL_H
#define CHATRELAY_BENCH_TOOL_H

#include "base/attributes.h"

#include <stddef.h>
#include <stdint.h>

/* Microseconds on a clock that never jumps. */
int64_t now_us(void);

_Noreturn void die(const char *format, ...) PRINTF_LIKE(1, 2);

/* A count from the command line, at least 1. */
size_t to_count(const char *text);

/* Connect to the Unix socket at `path`, for up to 10 s if nobody listens yet. */
int connect_unix(const char *path);

/* Listen on the Unix socket `path`. */
int listen_unix(const char *path);

/* Listen on a free port of the loopback, and print "port N". */
int listen_loopback(void);

/* Accept a connection to one of our listeners. */
int accept_from(int listener);

void write_all(int fd, const char *bytes, size_t length);

#endif
