/*
 * input.h - a whole file, or all of standard input
 */
#ifndef CHATRELAY_CLIENT_INPUT_H
#define CHATRELAY_CLIENT_INPUT_H

#include "base/error.h"
#include "base/text.h"

enum { INPUT_LARGEST = 256 * 1024 * 1024 }; /* nobody sends that, even cut */

/* The descriptor to read from, -1 on failure. `path` NULL or "-" is standard input. */
MUST_CHECK int input_open(const char *path, struct error *err);

/* How messages to people call it. Borrows `path`. */
const char *input_name(const char *path);

/* Leaves standard input open. */
void input_close(int fd);

/* Append all there is, waiting for it also where the descriptor does not block. */
MUST_CHECK bool input_read(const char *path, struct text *input, struct error *err);

#endif
