#include "config/problems.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t *tally(struct config_problems *problems, enum config_severity severity)
{
    return severity == CONFIG_ERROR ? &problems->errors : &problems->warnings;
}

void config_problems_vadd(struct config_problems *problems, enum config_severity severity,
                          const char *file, int line, const char *format, va_list args)
{
    char *text = NULL;
    if ((*tally(problems, severity))++ >= CONFIG_MOST_PROBLEMS) {
        problems->left_out++;
        return;
    }
    if (vasprintf(&text, format, args) < 0)
        abort();
    problems->items = xreallocarray(problems->items, problems->count + 1, sizeof *problems->items);
    problems->items[problems->count++] =
        (struct config_problem){ xstrdup(file), line, severity, text };
}

void config_problems_add(struct config_problems *problems, enum config_severity severity,
                         const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    config_problems_vadd(problems, severity, file, line, format, args);
    va_end(args);
}

/* A problem with what it is sorted by. */
struct ranked {
    size_t file, index;
    struct config_problem problem;
};

/* 0 for what is none of `files`. */
static size_t rank_file(const char *file, char *const *files, size_t file_count)
{
    for (size_t i = 0; i < file_count; i++)
        if (strcmp(files[i], file) == 0)
            return i + 1;
    return 0;
}

static int compare(const void *left, const void *right)
{
    const struct ranked *one = left, *other = right;
    if (one->file != other->file)
        return one->file < other->file ? -1 : 1;
    if (one->problem.line != other->problem.line)
        return one->problem.line < other->problem.line ? -1 : 1;
    return one->index < other->index ? -1 : 1;
}

static bool is_same(const struct config_problem *one, const struct config_problem *other)
{
    return one->line == other->line && strcmp(one->file, other->file) == 0 &&
           strcmp(one->text, other->text) == 0;
}

/* Append a problem that was counted before, unless it is the same as the last one. */
static void put_back(struct config_problems *problems, struct config_problem *problem)
{
    if (problems->count > 0 && is_same(&problems->items[problems->count - 1], problem)) {
        --*tally(problems, problem->severity);
        free(problem->file);
        free(problem->text);
    } else
        problems->items[problems->count++] = *problem;
}

void config_problems_sort(struct config_problems *problems, char *const *files, size_t file_count)
{
    size_t count = problems->count;
    if (count < 2)
        return;
    CLEANUP(free_memory) struct ranked *sorted = xcalloc(count, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct ranked){ rank_file(problems->items[i].file, files, file_count), i,
                                     problems->items[i] };
    qsort(sorted, count, sizeof *sorted, compare);
    problems->count = 0;
    for (size_t i = 0; i < count; i++)
        put_back(problems, &sorted[i].problem);
}

const struct config_problem *config_problems_first_error(const struct config_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        if (problems->items[i].severity == CONFIG_ERROR)
            return &problems->items[i];
    return NULL;
}

char *config_problem_place(const struct config_problem *problem)
{
    return problem->line > 0 ? xasprintf("%s:%d", problem->file, problem->line)
                             : xstrdup(problem->file);
}

char *config_problem_say(const struct config_problem *problem)
{
    CLEANUP(free_memory) char *place = config_problem_place(problem);
    const char *before = problem->severity == CONFIG_WARNING ? "warning: " : "";
    return xasprintf("%s: %s%s", place, before, problem->text);
}

void config_problems_print(const struct config_problems *problems, FILE *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        CLEANUP(free_memory) char *said = config_problem_say(&problems->items[i]);
        fprintf(out, "%s\n", said);
    }
    if (problems->left_out > 0)
        fprintf(out, "and %zu more\n", problems->left_out);
}

void config_problems_clear(struct config_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        free(problems->items[i].file);
        free(problems->items[i].text);
    }
    free(problems->items);
    *problems = (struct config_problems){ 0 };
}
