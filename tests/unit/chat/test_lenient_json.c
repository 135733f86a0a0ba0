/*
 * test_lenient_json.c - what people's programs may have put into JSON
 */
#include "chat/lenient_json.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect(const char *text, const char *expected)
{
    json_t *json = lenient_json_parse(text, strlen(text));
    const char *said = json_string_value(json_array_get(json, 0));
    cr_expect(said && strcmp(said, expected) == 0, "%s: %s", text, said ? said : "nothing");
    json_decref(json);
}

Test(lenient_json, what_is_whole_stays_as_it_is)
{
    expect("[\"\\ud83d\\ude00 \\u00e4 \\n\\\\u0000\"]", "\U0001F600 \u00e4 \n\\u0000");
    expect("[\"\\\\ud83d\", \"\\ud83d\"]", "\\ud83d");
}

Test(lenient_json, half_a_character_is_a_mark)
{
    expect("[\"a\\ud83db\"]", "a\uFFFDb");
    expect("[\"a\\uDE00b\"]", "a\uFFFDb");
    expect("[\"\\ud83d\\ud83d\\ude00\"]", "\uFFFD\U0001F600");
    expect("[\"\\ud83d\"]", "\uFFFD");
    expect("[\"\\ud83d\\n\"]", "\uFFFD\n");
}

Test(lenient_json, a_nul_is_a_mark)
{
    expect("[\"a\\u0000b\"]", "a\uFFFDb");
}

Test(lenient_json, what_is_no_json_is_none)
{
    static const char *const texts[] = { "", "[", "[\"\\u00", "[\"\\", "[\"\\ud83d", "\\u0000" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_expect(!lenient_json_parse(texts[i], strlen(texts[i])), "%s", texts[i]);
}
