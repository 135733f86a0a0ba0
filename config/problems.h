/*
 * problems.h - everything that is wrong with the settings, at once
 */
#ifndef CHATRELAY_CONFIG_PROBLEMS_H
#define CHATRELAY_CONFIG_PROBLEMS_H

#include "base/attributes.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Of errors, and of warnings: nobody reads more at once; the others are counted. */
enum { CONFIG_MOST_PROBLEMS = 100 };

enum config_severity { CONFIG_WARNING, CONFIG_ERROR };

struct config_problem {
    char *file;
    int line; /* from 1; 0: the file as a whole */
    enum config_severity severity;
    char *text; /* one sentence that names section and setting: what is wrong, what is allowed */
};

/* Zeroed, it is empty. */
struct config_problems {
    struct config_problem *items;
    size_t count;
    size_t errors, warnings; /* of them and of those left out */
    size_t left_out;         /* came after CONFIG_MOST_PROBLEMS of their severity */
};

void config_problems_add(struct config_problems *problems, enum config_severity severity,
                         const char *file, int line, const char *format, ...) PRINTF_LIKE(5, 6);

void config_problems_vadd(struct config_problems *problems, enum config_severity severity,
                          const char *file, int line, const char *format, va_list args)
    PRINTF_LIKE(5, 0);

/* Into the order of `files` (what is of none of them first) and lines; each only once. */
void config_problems_sort(struct config_problems *problems, char *const *files, size_t file_count);

/* The first error; NULL if there is none. */
const struct config_problem *config_problems_first_error(const struct config_problems *problems);

/* "FILE:LINE", or "FILE" if the file as a whole is meant. To be freed. */
char *config_problem_place(const struct config_problem *problem);

/* "PLACE: text", a warning with "warning: " before the text. To be freed. */
char *config_problem_say(const struct config_problem *problem);

/* A line each, and "and N more" if some were left out. */
void config_problems_print(const struct config_problems *problems, FILE *out);

/* Free what it holds; it is empty after. */
void config_problems_clear(struct config_problems *problems);

#endif
