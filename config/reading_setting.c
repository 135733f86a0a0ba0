/*
 * reading_setting.c - lines of the form name = value
 */
#include "base/memory.h"
#include "config/reading.h"
#include "config/secret.h"

#include <string.h>

static const struct document_section *current(const struct reading *reading)
{
    return &reading->document->sections[reading->section];
}

/* Some other section that knows the name, for whoever put it into the wrong one. */
static const struct setting *find_elsewhere(const char *name)
{
    static const enum section_kind kinds[] = { SECTION_RELAY, SECTION_ACCESS, SECTION_SENDER,
                                               SECTION_THREAD, SECTION_QUOTA };
    const struct setting *found = NULL;
    for (size_t i = 0; !found && i < sizeof kinds / sizeof kinds[0]; i++)
        found = setting_find(settings, settings_count, kinds[i], name);
    return found;
}

static void tell_unknown(struct reading *reading, const char *name)
{
    CLEANUP(free_memory) char *section = document_label(current(reading));
    enum section_kind kind = current(reading)->kind;
    const struct setting *elsewhere = find_elsewhere(name);
    const char *near = setting_nearest(kind, name);
    if (secret_is_likely(name))
        reading_problem(reading,
                        "%s no such setting; it is not repeated here, as it looks like a secret",
                        section);
    else if (elsewhere && section_argument(elsewhere->section))
        reading_problem(reading, "%s %s: belongs into [%s %s]", section, name,
                        section_word(elsewhere->section), section_argument(elsewhere->section));
    else if (elsewhere)
        reading_problem(reading, "%s %s: belongs into [%s]", section, name,
                        section_word(elsewhere->section));
    else if (near)
        reading_problem(reading, "%s %.40s: no such setting; did you mean \"%s\"?", section, name,
                        near);
    else
        reading_problem(reading, "%s %.40s: no such setting", section, name);
}

static bool is_url(const struct setting *setting)
{
    return setting->type == &value_endpoint || setting->type == &value_metadata ||
           setting->type == &value_proxy;
}

/* Whether the reasons for which its type refuses a value leave the value out. */
static bool never_quotes(const struct setting *setting)
{
    return is_url(setting) || setting->type == &value_secret || setting->type == &value_command;
}

/* A URL may come without its scheme, but with a password: "user:password@host". */
static bool may_be_repeated(const struct setting *setting, const char *value)
{
    return !secret_is_likely(value) && !(is_url(setting) && strchr(value, '@'));
}

/* Tell what is wrong with the value, if something is. */
static bool check_value(struct reading *reading, const struct setting *setting, const char *value)
{
    CLEANUP(free_memory) char *section = document_label(current(reading));
    struct error err = { 0 };
    if (!value_fits_line(value, &err))
        reading_problem(reading, "%s %s: %s", section, setting->name, err.text);
    else if (value_check(setting, value, &err))
        return true;
    else if (may_be_repeated(setting, value))
        reading_problem(reading, "%s %s = %.100s: %s", section, setting->name, value, err.text);
    else
        reading_problem(reading,
                        "%s %s: %s (the value is not repeated here, as it looks like a secret)",
                        section, setting->name, never_quotes(setting) ? err.text : "not allowed");
    return false;
}

/* True when this file has set it already. */
static bool tell_twice(struct reading *reading, const struct setting *setting)
{
    const struct entry *before = document_entry(current(reading), setting);
    if (!before || before->place.file != reading->place.file)
        return false;
    CLEANUP(free_memory) char *section = document_label(current(reading));
    reading_problem(reading, "%s %s: set twice in this file, first in line %d", section,
                    setting->name, before->place.line);
    return true;
}

static void take_known(struct reading *reading, const struct setting *setting, const char *name,
                       const char *value)
{
    CLEANUP(free_memory) char *section = document_label(current(reading));
    if (setting->is_single && current(reading)->kind == SECTION_DEFAULTS) {
        reading_problem(reading, "%s %s: means one thread, so it belongs into [thread NAME]",
                        section, name);
        return;
    }
    if (strcmp(setting->name, name) != 0)
        config_problems_add(reading->problems, CONFIG_WARNING, reading->place.file,
                            reading->place.line, "%s %s: is now called \"%s\"", section, name,
                            setting->name);
    if (tell_twice(reading, setting))
        return;
    bool is_valid = check_value(reading, setting, value);
    document_add(&reading->document->sections[reading->section], setting, value, is_valid,
                 reading->place);
}

void reading_take_setting(struct reading *reading, const char *name, const char *value)
{
    if (!value)
        reading_problem(reading, "not a line of the form \"name = value\"");
    else if (!*name)
        reading_problem(reading, "there is no name before the \"=\"");
    else if (reading->where == BEFORE_SECTIONS)
        reading_problem(reading, "a setting before the first [section]");
    else if (reading->where == IN_SECTION) {
        const struct setting *setting =
            setting_find(settings, settings_count, current(reading)->kind, name);
        if (setting)
            take_known(reading, setting, name, value);
        else
            tell_unknown(reading, name);
    }
}
