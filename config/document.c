#include "config/document.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *document_add_file(struct config_document *document, const char *name)
{
    document->files =
        xreallocarray(document->files, document->file_count + 1, sizeof *document->files);
    return document->files[document->file_count++] = xstrdup(name);
}

const struct document_section *document_find(const struct config_document *document,
                                             enum section_kind kind, const char *name)
{
    for (size_t i = 0; i < document->section_count; i++) {
        const struct document_section *section = &document->sections[i];
        if (section->kind == kind && strcmp(section->name, name) == 0)
            return section;
    }
    return NULL;
}

size_t document_section(struct config_document *document, enum section_kind kind, const char *name,
                        struct place place)
{
    const struct document_section *found = document_find(document, kind, name);
    if (found)
        return (size_t)(found - document->sections);
    document->sections =
        xreallocarray(document->sections, document->section_count + 1, sizeof *document->sections);
    document->sections[document->section_count] =
        (struct document_section){ kind, document->counts[kind]++, xstrdup(name), place, NULL, 0 };
    return document->section_count++;
}

struct config_document *document_new(void)
{
    static const struct place nowhere = { "", 0 };
    struct config_document *document = xcalloc(1, sizeof *document);
    document_section(document, SECTION_RELAY, "", nowhere);
    document_section(document, SECTION_ACCESS, "", nowhere);
    document_section(document, SECTION_DEFAULTS, "", nowhere);
    return document;
}

void document_add(struct document_section *section, const struct setting *setting,
                  const char *value, bool is_valid, struct place place)
{
    section->entries =
        xreallocarray(section->entries, section->entry_count + 1, sizeof *section->entries);
    section->entries[section->entry_count++] =
        (struct entry){ setting, xstrdup(value), is_valid, place };
}

const struct entry *document_entry(const struct document_section *section,
                                   const struct setting *setting)
{
    for (size_t i = section ? section->entry_count : 0; i > 0; i--)
        if (section->entries[i - 1].setting == setting)
            return &section->entries[i - 1];
    return NULL;
}

/* Where `setting` of `section` is set: in the section itself, or a thread's in [defaults]. */
static const struct document_section *owner_of(const struct config_document *document,
                                               const struct document_section *section,
                                               const struct setting *setting)
{
    if (section->kind == SECTION_THREAD && !document_entry(section, setting)) {
        const struct document_section *defaults = document_find(document, SECTION_DEFAULTS, "");
        if (document_entry(defaults, setting))
            return defaults;
    }
    return section;
}

const struct entry *document_in_force(const struct config_document *document,
                                      const struct document_section *section,
                                      const struct setting *setting)
{
    return document_entry(owner_of(document, section, setting), setting);
}

char *document_label(const struct document_section *section)
{
    return xasprintf("[%s%s%s]", section_word(section->kind), *section->name ? " " : "",
                     section->name);
}

void document_tell(const struct config_document *document, struct config_problems *problems,
                   enum config_severity severity, const struct document_section *section,
                   const struct setting *setting, const char *format, va_list args)
{
    const struct document_section *owner = owner_of(document, section, setting);
    const struct entry *entry = document_entry(owner, setting);
    if (entry && !entry->is_valid)
        return;
    const struct place *place = entry ? &entry->place : &section->place;
    CLEANUP(free_memory) char *label = document_label(owner);
    CLEANUP(free_memory) char *reason = NULL;
    if (vasprintf(&reason, format, args) < 0)
        abort();
    config_problems_add(problems, severity, place->file, place->line, "%s %s%s%s: %s", label,
                        setting->name, entry ? " = " : "", entry ? entry->value : "", reason);
}

static void clear_section(struct document_section *section)
{
    for (size_t i = 0; i < section->entry_count; i++)
        free(section->entries[i].value);
    free(section->entries);
    free(section->name);
}

void document_free(struct config_document *document)
{
    if (!document)
        return;
    for (size_t i = 0; i < document->section_count; i++)
        clear_section(&document->sections[i]);
    for (size_t i = 0; i < document->file_count; i++)
        free(document->files[i]);
    free(document->sections);
    free(document->files);
    free(document);
}
