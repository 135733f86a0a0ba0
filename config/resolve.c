#include "config/resolve.h"

#include "base/memory.h"

struct resolver {
    struct config *config;
    const struct config_document *document;
    struct config_problems *problems;
};

void *resolve_target(struct config *config, const struct document_section *section)
{
    switch (section->kind) {
    case SECTION_RELAY:
        return &config->relay;
    case SECTION_ACCESS:
        return &config->access;
    case SECTION_SENDER:
        return &config->senders[section->index];
    case SECTION_THREAD:
        return &config->threads[section->index];
    case SECTION_QUOTA:
        return &config->quotas[section->index];
    case SECTION_DEFAULTS:
    case SECTION_KINDS:
        break;
    }
    return NULL;
}

static void fill_row(struct resolver *resolver, const struct document_section *section,
                     const struct setting *row, char *target)
{
    const struct entry *entry = document_in_force(resolver->document, section, row);
    const char *text = entry ? entry->value : row->standard;
    struct error err = { 0 };
    if (entry && !entry->is_valid)
        return;
    if (!text && row->is_required)
        config_problems_add(resolver->problems, CONFIG_ERROR, section->place.file,
                            section->place.line, "[%s %s] %s is missing. %s",
                            section_word(section->kind), section->name, row->name, row->help);
    else if (text && !row->type->parse(row, text, target + row->offset, &err))
        config_problems_add(resolver->problems, CONFIG_ERROR, section->place.file,
                            section->place.line, "%s = %s: %s", row->name, text, err.text);
}

static void fill(struct resolver *resolver, const struct document_section *section)
{
    char *target = resolve_target(resolver->config, section);
    for (const struct setting *row = settings; target && row < settings + settings_count; row++)
        if (row->section == section->kind)
            fill_row(resolver, section, row, target);
}

static void fill_all(struct resolver *resolver)
{
    struct config *config = resolver->config;
    const struct config_document *document = resolver->document;
    config->sender_count = document->counts[SECTION_SENDER];
    config->senders = xcalloc(config->sender_count, sizeof *config->senders);
    config->thread_count = document->counts[SECTION_THREAD];
    config->threads = xcalloc(config->thread_count, sizeof *config->threads);
    config->quota_count = document->counts[SECTION_QUOTA];
    config->quotas = xcalloc(config->quota_count, sizeof *config->quotas);

    for (size_t i = 0; i < document->section_count; i++) {
        const struct document_section *section = &document->sections[i];
        fill(resolver, section);
        if (section->kind == SECTION_SENDER)
            config->senders[section->index].name = xstrdup(section->name);
        else if (section->kind == SECTION_THREAD)
            config->threads[section->index].name = xstrdup(section->name);
        else if (section->kind == SECTION_QUOTA)
            config->quotas[section->index].who = xstrdup(section->name);
    }
}

void resolve(struct config *config, struct config_problems *problems)
{
    struct resolver resolver = { config, config->document, problems };
    fill_all(&resolver);
}
