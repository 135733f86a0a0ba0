/*
 * print.c - what is in force, as a file that could be read again
 */
#include "base/memory.h"
#include "base/text.h"
#include "config/config.h"
#include "config/document.h"
#include "config/resolve.h"

static void join_names(const struct config_names *names, struct text *joined)
{
    for (size_t i = 0; i < names->count; i++)
        text_printf(joined, "%s%s", i > 0 ? ", " : "", names->names[i]);
}

/* What was found out rather than set, as text; empty when nothing was. */
static void say_found(struct config *config, const struct document_section *section,
                      const struct setting *setting, struct text *found)
{
    const char *target = resolve_target(config, section);
    const void *value = target + setting->offset;
    if (setting->type == &value_names)
        join_names(value, found);
    else if (setting->standard_said && *(char *const *)value)
        text_add(found, *(char *const *)value);
}

static void print_default(struct config *config, const struct document_section *section,
                          const struct setting *setting, FILE *out)
{
    CLEANUP(text_clear) struct text found = { 0 };
    if (setting->standard) {
        fprintf(out, "# default\n%s = %s\n", setting->name, setting->standard);
        return;
    }
    say_found(config, section, setting, &found);
    if (found.length > 0)
        fprintf(out, "# default: %s\n%s = %s\n", setting->standard_said, setting->name,
                found.bytes);
    else if (setting->standard_said)
        fprintf(out, "# %s is not set: %s\n", setting->name, setting->standard_said);
    else
        fprintf(out, "# %s is not set\n", setting->name);
}

static void print_setting(struct config *config, const struct document_section *section,
                          const struct setting *setting, FILE *out)
{
    const struct entry *entry = document_in_force(config->document, section, setting);
    if (entry)
        fprintf(out, "# from %s:%d\n%s = %s\n", entry->place.file, entry->place.line, setting->name,
                entry->value);
    else
        print_default(config, section, setting, out);
}

static void print_section(struct config *config, const struct document_section *section, FILE *out)
{
    CLEANUP(free_memory) char *label = document_label(section);
    fprintf(out, "%s\n", label);
    for (const struct setting *setting = settings; setting < settings + settings_count; setting++)
        if (setting->section == section->kind)
            print_setting(config, section, setting, out);
}

/* Section by section in the order of the manual; [defaults] are in the threads already. */
void config_print(const struct config *config, FILE *out)
{
    struct config view = *config;
    const char *before = "";
    for (size_t kind = 0; kind < SECTION_KINDS; kind++)
        for (size_t i = 0; config->document && i < config->document->section_count; i++) {
            const struct document_section *section = &config->document->sections[i];
            if (section->kind != kind || kind == SECTION_DEFAULTS)
                continue;
            fputs(before, out);
            print_section(&view, section, out);
            before = "\n";
        }
}
