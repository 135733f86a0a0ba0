/*
 * A settings file, whatever is in it: it is read or refused with at least one
 * problem, each a line without a control character; and what was read is printed
 * such that it reads again.
 */
#include "config/config.h"
#include "config/reader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static bool read_bytes(const char *bytes, size_t length, struct config *config)
{
    struct config_text text = { "fuzz", bytes, length };
    struct config_problems problems = { 0 };
    bool read = config_read(&text, 1, config, &problems);
    insist(read == (problems.errors == 0));
    for (size_t i = 0; i < problems.count; i++)
        for (const char *at = problems.items[i].text; *at; at++)
            insist((unsigned char)*at >= ' ' || *at == '\t');
    config_problems_clear(&problems);
    return read;
}

static void print_and_read_again(const struct config *config)
{
    struct config again;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    insist(out != NULL);
    config_print(config, out);
    fclose(out);
    insist(read_bytes(text, length, &again));
    insist(again.thread_count == config->thread_count);
    config_clear(&again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config;
    if (!read_bytes((const char *)data, size, &config))
        return 0;
    /* A line that is as long as allowed may become too long by the blanks around its "=". */
    if (size < READER_LONGEST_LINE)
        print_and_read_again(&config);
    config_clear(&config);
    return 0;
}
