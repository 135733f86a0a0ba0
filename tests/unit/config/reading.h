/*
 * reading.h - what the tests of the settings have in common
 */
#ifndef CHATRELAY_TESTS_UNIT_CONFIG_READING_H
#define CHATRELAY_TESTS_UNIT_CONFIG_READING_H

#include "base/memory.h"
#include "config/config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A sender and a thread with nothing but what they must have, on lines 1 to 5. */
#define SENDER "[sender alerts]\nendpoint = https://contoso.example\ntoken_file = /key\n"
#define THREAD "[thread ops]\nid = 19:ops@thread.v2\n"

/* All problems, one a line. To be freed. */
static inline char *say_problems(const struct config_problems *problems)
{
    char *said = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&said, &length);
    config_problems_print(problems, out);
    fclose(out);
    return said;
}

/* The problems of one text called "f", one a line. To be freed. */
static inline char *problems_of_bytes(const char *bytes, size_t length)
{
    struct config config;
    struct config_problems problems = { 0 };
    struct config_text text = { "f", bytes, length };
    bool read = config_read(&text, 1, &config, &problems);
    cr_assert_eq(read, problems.errors == 0);
    char *said = say_problems(&problems);
    config_problems_clear(&problems);
    config_clear(&config);
    return said;
}

static inline void expect_problems(const char *text, const char *expected)
{
    char *said = problems_of_bytes(text, strlen(text));
    cr_assert_str_eq(said, expected, "of\n%s\nexpected\n%s\nis\n%s", text, expected, said);
    free(said);
}

/* A text without problems. */
static inline void read_good(struct config *config, const char *text)
{
    struct config_problems problems = { 0 };
    struct config_text texts[] = { { "f", text, strlen(text) } };
    bool read = config_read(texts, 1, config, &problems);
    char *said = say_problems(&problems);
    cr_assert(read && problems.count == 0, "of\n%s\nis\n%s", text, said);
    free(said);
    config_problems_clear(&problems);
}

/* What config_print() says. To be freed. */
static inline char *printed(const struct config *config)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    config_print(config, out);
    fclose(out);
    return text;
}

#endif
