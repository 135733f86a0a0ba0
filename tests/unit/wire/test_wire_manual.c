/*
 * chatrelay-protocol(7) describes every operation, field and word there is.
 */
#include "base/text.h"
#include "wire/field.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct text manual;

static void start(void)
{
    char bytes[4096];
    FILE *file = fopen(MANUAL, "re");
    cr_assert(file, "%s", MANUAL);
    for (size_t count; (count = fread(bytes, 1, sizeof bytes, file)) > 0;)
        text_append(&manual, bytes, count);
    fclose(file);
}

static void finish(void)
{
    text_clear(&manual);
}

TestSuite(wire_manual, .init = start, .fini = finish);

/* Is there a line that begins with `macro` and has `word` behind it? */
static bool has_line(const char *macro, const char *word)
{
    for (const char *line = manual.bytes; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, macro, strlen(macro)) != 0)
            continue;
        const char *at = line + strlen(macro);
        for (size_t length; *at == ' '; at += length) {
            at++;
            length = strcspn(at, " \n");
            if (length == strlen(word) && memcmp(at, word, length) == 0)
                return true;
        }
    }
    return false;
}

Test(wire_manual, every_operation_has_a_section)
{
    for (int op = 0; op < REQUEST_OPS; op++)
        cr_expect(has_line(".Ss", request_op_name((enum request_op)op)), "%s",
                  request_op_name((enum request_op)op));
}

Test(wire_manual, every_field_has_an_item)
{
    for (size_t i = 0; i < field_count; i++)
        cr_expect(has_line(".It Ic", fields[i].name), "%s", fields[i].name);
}

Test(wire_manual, every_word_of_refusal_has_an_item)
{
    for (int word = 0; word < REFUSAL_WORDS; word++)
        cr_expect(has_line(".It", refusal_name((enum refusal_word)word)), "%s",
                  refusal_name((enum refusal_word)word));
}

Test(wire_manual, every_state_has_an_item)
{
    const struct field *state = field_find("state");
    for (size_t i = 0; i < state->word_count; i++)
        if (state->words[i])
            cr_expect(has_line(".It", state->words[i]), "%s", state->words[i]);
}

Test(wire_manual, what_is_not_there_is_missed)
{
    cr_expect_not(has_line(".It", "nonsense"));
    cr_expect_not(has_line(".It", "dea"));
}
