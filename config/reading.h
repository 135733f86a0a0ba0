/*
 * reading.h - where the reading of a settings file stands
 */
#ifndef CHATRELAY_CONFIG_READING_H
#define CHATRELAY_CONFIG_READING_H

#include "config/document.h"

enum reading_where { BEFORE_SECTIONS, IN_SECTION, IN_UNKNOWN_SECTION };

struct reading {
    struct place place; /* the line at hand */
    enum reading_where where;
    size_t section; /* an index into document->sections, IN_SECTION */
    struct config_document *document;
    struct config_problems *problems;
};

/* Tell what is wrong with the line at hand. */
void reading_problem(struct reading *reading, const char *format, ...) PRINTF_LIKE(2, 3);

/* A line that begins with "[", `length` bytes without NUL. */
void reading_take_header(struct reading *reading, const char *line, size_t length);

/* A line "name = value", blanks taken off; `value` is NULL when there is no "=". */
void reading_take_setting(struct reading *reading, const char *name, const char *value);

#endif
