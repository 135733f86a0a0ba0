/*
 * setting.h - the table of all settings
 *
 * A setting is one row of setting_table.c and one field in config.h; nothing else has to know
 * its name. To rename one, put the old name into `renamed_from`: it is then
 * accepted with a warning until the next major version.
 */
#ifndef CHATRELAY_CONFIG_SETTING_H
#define CHATRELAY_CONFIG_SETTING_H

#include "config/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum section_kind {
    SECTION_RELAY,
    SECTION_ACCESS,
    SECTION_DEFAULTS, /* has no rows of its own: it takes those of a thread */
    SECTION_SENDER,
    SECTION_THREAD,
    SECTION_QUOTA,
    SECTION_KINDS
};

struct setting {
    enum section_kind section;
    bool is_required;
    bool must_exist; /* a path of a file that we only read */
    bool is_single;  /* means one thread and cannot be a default for all */
    const char *name;
    const struct value_type *type;
    size_t offset; /* of its field in the section's struct of config.h */
    int64_t least, most;
    const char *unit;           /* of a plain number, for people: "messages" */
    const char *unlimited;      /* the word for INT64_MAX: "none" or "off"; NULL: it has a limit */
    const char *const *choices; /* of a choice: in the order of its enum, NULL at the end */
    const char *standard;       /* the default, as one would write it; NULL: there is none */
    const char *standard_said;  /* the same in words, when it is found out rather than fixed */
    const char *renamed_from;
    const char *help; /* whole sentences */
};

/* The rows of one section stand together, in the order of the manual. */
extern const struct setting settings[];
extern const size_t settings_count;

/* Of `rows`, the one a section of `kind` may hold under `name`, or formerly so. NULL: none. */
const struct setting *setting_find(const struct setting *rows, size_t count, enum section_kind kind,
                                   const char *name);

/* The setting of the table whose name may have been meant; NULL when none is near. */
const char *setting_nearest(enum section_kind kind, const char *name);

/* Whose rows a section takes: those of threads for [defaults], else its own. */
enum section_kind section_rows(enum section_kind kind);

/* "thread" */
const char *section_word(enum section_kind kind);

/* What stands behind the word: "NAME", "WHO"; NULL when nothing does. */
const char *section_argument(enum section_kind kind);

#endif
