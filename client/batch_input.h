/*
 * batch_input.h - the lines of a file, or of standard input, as they come
 */
#ifndef CHATRELAY_CLIENT_BATCH_INPUT_H
#define CHATRELAY_CLIENT_BATCH_INPUT_H

#include "base/attributes.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct batch_input {
    int fd;
    const char *name;     /* for people */
    struct text received; /* bytes that were read ... */
    size_t used;          /* ... and how many of them were handed out as lines */
    bool has_ended;       /* nothing more will be read */
};

/*
 * Read what is there. False, having said so, when the rest of it cannot be read: then a line that
 * may have lost its end is dropped.
 */
MUST_CHECK bool batch_input_read(struct batch_input *input);

/* The next line, without its newline, borrowed until the next reading. */
bool batch_input_next(struct batch_input *input, const char **line, size_t *length);

/* Every line was handed out, and there will be no more. */
bool batch_input_is_over(const struct batch_input *input);

#endif
