/* The chatrelay.conf that we ship: valid as it is, and in step with the table. */
#include "base/text.h"
#include "config/setting.h"
#include "tests/unit/config/reading.h"

#include <stdio.h>

/* The shipped file. To be freed. */
static char *shipped(void)
{
    struct text text = { 0 };
    char buffer[4096];
    FILE *file = fopen(CHATRELAY_CONF, "r");
    cr_assert_not_null(file, "%s", CHATRELAY_CONF);
    for (size_t length; (length = fread(buffer, 1, sizeof buffer, file)) > 0;)
        text_append(&text, buffer, length);
    fclose(file);
    return text_take(&text);
}

/* Where the part about a section begins: "[relay]" or "#[thread NAME]". */
static const char *find_section(const char *text, enum section_kind kind)
{
    const char *argument = section_argument(kind);
    CLEANUP(free_memory)
    char *header = xasprintf("\n%s[%s%s%s]\n", argument ? "#" : "", section_word(kind),
                             argument ? " " : "", argument ? argument : "");
    return strstr(text, header);
}

Test(config_example, it_is_valid_and_sets_nothing)
{
    struct config config, nothing;
    char *text = shipped();
    read_good(&config, text);
    read_good(&nothing, "");
    char *printed_config = printed(&config), *printed_nothing = printed(&nothing);
    cr_assert_str_eq(printed_config, printed_nothing);
    free(printed_config);
    free(printed_nothing);
    config_clear(&nothing);
    config_clear(&config);
    free(text);
}

Test(config_example, every_setting_stands_in_its_section_with_its_default)
{
    char *text = shipped();
    for (const struct setting *row = settings; row < settings + settings_count; row++) {
        const char *section = find_section(text, row->section);
        cr_assert_not_null(section, "[%s]", section_word(row->section));
        CLEANUP(free_memory)
        char *line = xasprintf("\n#%s =%s%s%s", row->name, row->standard ? " " : "",
                               row->standard ? row->standard : "", row->standard ? "\n" : "");
        const char *found = strstr(section, line);
        cr_assert_not_null(found, "[%s] has no line%s", section_word(row->section), line);
        for (size_t kind = 0; kind < SECTION_KINDS; kind++) {
            const char *other = find_section(text, (enum section_kind)kind);
            cr_assert(!other || other <= section || other > found, "%s is in the wrong section",
                      row->name);
        }
    }
    free(text);
}

Test(config_example, every_line_that_looks_like_a_setting_is_one)
{
    char *text = shipped();
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        char *equals = strstr(line, " =");
        if (line[0] != '#' || line[1] == ' ' || !equals)
            continue;
        *equals = '\0';
        bool known = false;
        for (size_t i = 0; i < settings_count; i++)
            known = known || strcmp(settings[i].name, line + 1) == 0;
        cr_assert(known, "%s", line);
    }
    free(text);
}
