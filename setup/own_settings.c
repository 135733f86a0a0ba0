#include "setup/own_settings.h"

#include "base/fnv.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char first_words[] = "# Written by \"chatrelay setup\", checksum ";
static const char explanation[] =
    "# It writes here no more once you have changed something: settings of your own belong\n"
    "# into another file of this folder. The latest file wins.\n";

enum { CHECKSUM_DIGITS = 16, LARGEST_FILE = 1024 * 1024 };

/* ---- what it says --------------------------------------------------------------------------- */

static struct own_section *find(const struct own_settings *own, const char *title)
{
    for (size_t i = 0; i < own->count; i++)
        if (strcmp(own->sections[i].title, title) == 0)
            return &own->sections[i];
    return NULL;
}

static struct own_setting *find_setting(const struct own_section *section, const char *name)
{
    for (size_t i = 0; section && i < section->count; i++)
        if (strcmp(section->settings[i].name, name) == 0)
            return &section->settings[i];
    return NULL;
}

const char *own_settings_get(const struct own_settings *own, const char *title, const char *name)
{
    const struct own_setting *setting = find_setting(find(own, title), name);
    return setting ? setting->value : NULL;
}

static struct own_section *find_or_add(struct own_settings *own, const char *title)
{
    struct own_section *section = find(own, title);
    if (section)
        return section;
    own->sections = xreallocarray(own->sections, own->count + 1, sizeof *own->sections);
    section = &own->sections[own->count++];
    *section = (struct own_section){ .title = xstrdup(title) };
    return section;
}

void own_settings_set(struct own_settings *own, const char *title, const char *name,
                      const char *value)
{
    if (!value)
        return;
    struct own_section *section = find_or_add(own, title);
    struct own_setting *setting = find_setting(section, name);
    if (!setting) {
        section->settings =
            xreallocarray(section->settings, section->count + 1, sizeof *section->settings);
        setting = &section->settings[section->count++];
        *setting = (struct own_setting){ .name = xstrdup(name) };
    }
    free(setting->value);
    setting->value = xstrdup(value);
}

struct own_settings own_settings_copy(const struct own_settings *own)
{
    struct own_settings copy = { 0 };
    for (const struct own_section *section = own->sections; section < own->sections + own->count;
         section++)
        for (size_t i = 0; i < section->count; i++)
            own_settings_set(&copy, section->title, section->settings[i].name,
                             section->settings[i].value);
    return copy;
}

void own_settings_clear(struct own_settings *own)
{
    for (size_t i = 0; i < own->count; i++) {
        struct own_section *section = &own->sections[i];
        for (size_t k = 0; k < section->count; k++) {
            free(section->settings[k].name);
            free(section->settings[k].value);
        }
        free(section->settings);
        free(section->title);
    }
    free(own->sections);
    *own = (struct own_settings){ 0 };
}

/* ---- as bytes ------------------------------------------------------------------------------- */

char *own_settings_print(const struct own_settings *own)
{
    CLEANUP(text_clear) struct text rest = { 0 };
    struct text all = { 0 };
    text_add(&rest, explanation);
    for (size_t i = 0; i < own->count; i++) {
        const struct own_section *section = &own->sections[i];
        text_printf(&rest, "\n[%s]\n", section->title);
        for (size_t k = 0; k < section->count; k++)
            text_printf(&rest, "%s = %s\n", section->settings[k].name, section->settings[k].value);
    }
    text_printf(&all, "%s%016" PRIx64 "\n", first_words,
                fnv_add(FNV_START, rest.bytes, rest.length));
    text_append(&all, rest.bytes, rest.length);
    return text_take(&all);
}

/* `line` is cut up for it. */
static void read_line(struct own_settings *own, char *line)
{
    char *end = strchr(line, ']');
    char *equals = strstr(line, " = ");
    if (line[0] == '[' && end) {
        *end = '\0';
        find_or_add(own, line + 1);
    } else if (line[0] != '#' && equals && own->count > 0) {
        *equals = '\0';
        own_settings_set(own, own->sections[own->count - 1].title, line, equals + 3);
    }
}

static bool is_untouched(const char *bytes, size_t length)
{
    size_t head = sizeof first_words - 1 + CHECKSUM_DIGITS + 1;
    char expected[CHECKSUM_DIGITS + 2];
    if (length < head || memcmp(bytes, first_words, sizeof first_words - 1) != 0)
        return false;
    snprintf(expected, sizeof expected, "%016" PRIx64 "\n",
             fnv_add(FNV_START, bytes + head, length - head));
    return memcmp(bytes + sizeof first_words - 1, expected, CHECKSUM_DIGITS + 1) == 0;
}

bool own_settings_parse(struct own_settings *own, const char *bytes, size_t length)
{
    *own = (struct own_settings){ 0 };
    if (!is_untouched(bytes, length))
        return false;
    CLEANUP(free_memory) char *copy = xmemdup0(bytes, length);
    char *rest = NULL;
    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        read_line(own, line);
    return true;
}

bool own_settings_load(struct own_settings *own, const char *path, struct error *err)
{
    *own = (struct own_settings){ 0 };
    FILE *file = fopen(path, "rbe");
    if (!file)
        return errno == ENOENT ||
               error_set(err, "cannot read %s: %s", path, strerrordesc_np(errno));
    CLEANUP(free_memory) char *bytes = xcalloc(LARGEST_FILE, 1);
    size_t length = fread(bytes, 1, LARGEST_FILE, file);
    fclose(file);
    return own_settings_parse(own, bytes, length) ||
           error_set(err,
                     "%s was not written by chatrelay setup, or was changed since, so it is left "
                     "as it is; give it another name, such as 20-own.conf",
                     path);
}
