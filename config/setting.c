#include "config/setting.h"

#include "base/memory.h"
#include "base/nearest.h"

#include <string.h>

static const struct section {
    const char *word;
    const char *argument;
    enum section_kind rows;
} sections[SECTION_KINDS] = {
    [SECTION_RELAY] = { "relay", NULL, SECTION_RELAY },
    [SECTION_ACCESS] = { "access", NULL, SECTION_ACCESS },
    [SECTION_DEFAULTS] = { "defaults", NULL, SECTION_THREAD },
    [SECTION_SENDER] = { "sender", "NAME", SECTION_SENDER },
    [SECTION_THREAD] = { "thread", "NAME", SECTION_THREAD },
    [SECTION_QUOTA] = { "quota", "WHO", SECTION_QUOTA },
};

const char *section_word(enum section_kind kind)
{
    return sections[kind].word;
}

const char *section_argument(enum section_kind kind)
{
    return sections[kind].argument;
}

enum section_kind section_rows(enum section_kind kind)
{
    return sections[kind].rows;
}

const struct setting *setting_find(const struct setting *rows, size_t count, enum section_kind kind,
                                   const char *name)
{
    for (const struct setting *row = rows; row < rows + count; row++)
        if (row->section == section_rows(kind) &&
            (strcmp(row->name, name) == 0 ||
             (row->renamed_from && strcmp(row->renamed_from, name) == 0)))
            return row;
    return NULL;
}

const char *setting_nearest(enum section_kind kind, const char *name)
{
    CLEANUP(free_memory) const char **names = xcalloc(settings_count, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < settings_count; i++)
        if (settings[i].section == section_rows(kind))
            names[count++] = settings[i].name;
    return nearest(name, names, count);
}
