/* The table itself, and what is printed from it. */
#include "config/setting.h"
#include "tests/unit/config/reading.h"

#include <stdio.h>

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), ending_length = strlen(ending);
    return length >= ending_length && strcmp(text + length - ending_length, ending) == 0;
}

Test(config_table, every_row_is_whole)
{
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *row = &settings[i];
        struct error err = { 0 };
        cr_assert(row->help && ends_with(row->help, "."), "%s", row->name);
        cr_assert_eq(setting_find(settings, settings_count, row->section, row->name), row,
                     "%s is there twice", row->name);
        cr_assert(!row->standard || value_check(row, row->standard, &err), "%s: %s", row->name,
                  err.text);
        cr_assert(!row->is_required || !row->standard, "%s", row->name);
        cr_assert(i == 0 || settings[i - 1].section <= row->section, "%s", row->name);
    }
}

Test(config_table, no_two_rows_share_a_field)
{
    for (size_t i = 0; i < settings_count; i++)
        for (size_t j = i + 1; j < settings_count; j++)
            cr_assert(settings[i].section != settings[j].section ||
                          settings[i].offset != settings[j].offset,
                      "%s and %s", settings[i].name, settings[j].name);
}

Test(config_table, a_renamed_setting_is_found_under_both_names)
{
    static const struct setting rows[] = {
        { .section = SECTION_RELAY, .name = "new", .renamed_from = "old" },
        { .section = SECTION_THREAD, .name = "old" },
    };
    cr_assert_eq(setting_find(rows, 2, SECTION_RELAY, "new"), &rows[0]);
    cr_assert_eq(setting_find(rows, 2, SECTION_RELAY, "old"), &rows[0]);
    cr_assert_eq(setting_find(rows, 2, SECTION_THREAD, "old"), &rows[1]);
    cr_assert_eq(setting_find(rows, 2, SECTION_DEFAULTS, "old"), &rows[1]);
    cr_assert_null(setting_find(rows, 2, SECTION_THREAD, "new"));
}

static const char example[] = SENDER "[defaults]\nttl = 90m\n[access]\nallow = @ops, bob\n" THREAD;

Test(config_table, what_is_printed_says_where_it_came_from)
{
    static const char *const expected[] = {
        "[relay]\n# default\nsocket = /run/chatrelay/socket\n",
        "# default: the only thread, if there is just one\ndefault_thread = ops\n",
        "\n\n[access]\n# from f:7\nallow = @ops, bob\n",
        "\n\n[sender alerts]\n# from f:2\nendpoint = https://contoso.example\n",
        "# identity is not set\n",
        "# ca_file is not set: the system's authorities\n",
        "# default: the only sender, if there is just one\nsender = alerts\n",
        "# default: \"allow\" of [access]\nallow = @ops, bob\n",
        "# from f:5\nttl = 90m\n",
        "# default\npace = 10/10s, 30/60s\n",
    };
    struct config config;
    read_good(&config, example);
    char *text = printed(&config);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        cr_assert(strstr(text, expected[i]), "no\n%s\nin\n%s", expected[i], text);
    cr_assert_null(strstr(text, "[defaults]"));
    free(text);
    config_clear(&config);
}

/* The lines that are no comments. To be freed. */
static char *without_comments(const char *text)
{
    char *kept = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&kept, &length);
    while (*text) {
        size_t line = strcspn(text, "\n") + 1;
        if (*text != '#')
            fwrite(text, 1, line, out);
        text += line;
    }
    fclose(out);
    return kept;
}

Test(config_table, what_is_printed_reads_as_the_same)
{
    struct config config, again;
    read_good(&config, example);
    char *text = printed(&config);
    read_good(&again, text);
    char *text_again = printed(&again);
    char *settings_of_one = without_comments(text),
         *settings_of_other = without_comments(text_again);
    cr_assert_str_eq(settings_of_one, settings_of_other);
    cr_assert_eq(again.threads[0].ttl_ms, config.threads[0].ttl_ms);
    cr_assert_eq(again.threads[0].allow.count, config.threads[0].allow.count);
    free(settings_of_one);
    free(settings_of_other);
    free(text);
    free(text_again);
    config_clear(&config);
    config_clear(&again);
}

Test(config_table, warnings_do_not_stop_anything_and_are_called_so)
{
    struct config_problems problems = { 0 };
    config_problems_add(&problems, CONFIG_WARNING, "f", 3, "%s", "hm");
    config_problems_add(&problems, CONFIG_ERROR, "g", 0, "no");
    cr_assert_eq(problems.errors, 1);
    char *said = say_problems(&problems);
    cr_assert_str_eq(said, "f:3: warning: hm\ng: no\n");
    free(said);
    char *line = config_problem_place(&problems.items[0]);
    char *file = config_problem_place(&problems.items[1]);
    cr_expect_str_eq(line, "f:3");
    cr_expect_str_eq(file, "g");
    free(line);
    free(file);
    config_problems_clear(&problems);
    cr_assert_eq(problems.count, 0);
}
