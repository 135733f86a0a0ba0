/*
 * option.h - a command line, read by a table
 *
 * Options may stand before, between and behind the arguments; "--" ends them.
 * --name VALUE, --name=VALUE and -n VALUE are the forms.
 */
#ifndef CHATRELAY_CLIENT_OPTION_H
#define CHATRELAY_CLIENT_OPTION_H

#include "base/clock.h"
#include "base/error.h"

#include <stddef.h>

enum option_kind {
    OPTION_FLAG,             /* bool */
    OPTION_STRING,           /* const char *; borrowed from the command line */
    OPTION_STRINGS,          /* struct strings: may be repeated */
    OPTION_DURATION,         /* msec_t */
    OPTION_DURATION_OR_EVER, /* msec_t: --wait=T; --wait alone is MSEC_NEVER */
    OPTION_COUNT,            /* int64_t, 1 or more */
};

struct option {
    const char *name; /* without the dashes */
    char letter;      /* the short form, 0 for none */
    enum option_kind kind;
    const char *argument; /* "THREAD": how help calls the value; NULL for a flag */
    size_t offset;        /* of the member of the verb's options that takes it */
    const char *help;     /* one line */
};

/* Strings of the command line, in its order. */
struct strings {
    const char **items;
    size_t count;
};

/* Also for CLEANUP(). */
void strings_clear(struct strings *strings);

/*
 * Read `argv` (without the program and the verb) into `target` by the table;
 * members not named keep what they have. What is no option becomes `arguments`,
 * which the caller clears, as well as every OPTION_STRINGS in `target`.
 */
MUST_CHECK bool option_parse(const struct option *options, size_t count, char *const *argv,
                             void *target, struct strings *arguments, struct error *err);

/* The same, but the first argument ends the options: what follows is somebody else's. */
MUST_CHECK bool option_parse_leading(const struct option *options, size_t count, char *const *argv,
                                     void *target, struct strings *arguments, struct error *err);

/* Free what option_parse() put into `target`, also after it failed. */
void option_clear(const struct option *options, size_t count, void *target);

#endif
