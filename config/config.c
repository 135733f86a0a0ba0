#include "config/config.h"

#include "base/memory.h"
#include "base/secret_file.h"
#include "config/connection_string.h"
#include "config/document.h"
#include "config/file.h"
#include "config/outside.h"
#include "config/reader.h"
#include "config/relations.h"
#include "config/resolve.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Whether it came out well; if not, nothing of it stays. */
static bool finish(struct config *config, struct config_problems *problems)
{
    config_problems_sort(problems, config->document->files, config->document->file_count);
    if (problems->errors == 0)
        return true;
    config_clear(config);
    return false;
}

bool config_read(const struct config_text *texts, size_t count, struct config *config,
                 struct config_problems *problems)
{
    *config = (struct config){ .document = document_new() };
    for (size_t i = 0; i < count; i++)
        reader_read(&texts[i], config->document, problems);
    resolve(config, problems);
    relate(config, problems);
    return finish(config, problems);
}

char *config_file_meant(const char *path)
{
    struct stat status;
    bool is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    return is_folder ? xasprintf("%s/chatrelay.conf", path) : xstrdup(path);
}

/* `changed` may be NULL. */
static void read_files(const char *path, const struct config_text *changed,
                       struct config_document *document, struct config_problems *problems)
{
    CLEANUP(file_list_clear) struct file_list list = { 0 };
    file_list_load(&list, path, problems);
    if (changed && list.count > 0)
        file_list_put(&list, changed->name, changed->bytes, changed->length);
    for (size_t i = 0; i < list.count; i++) {
        const struct file *file = &list.files[i];
        struct config_text text = { file->path, file->text.bytes, file->text.length };
        reader_read(&text, document, problems);
    }
}

bool config_load_with(const char *path, const struct config_text *changed, struct config *config,
                      struct config_problems *problems)
{
    *config = (struct config){ .document = document_new() };
    read_files(path, changed, config->document, problems);
    resolve(config, problems);
    connection_strings_read(config, problems);
    relate(config, problems);
    outside_check(config, problems);
    return finish(config, problems);
}

bool config_load(const char *path, struct config *config, struct config_problems *problems)
{
    return config_load_with(path, NULL, config, problems);
}

static void clear_section(struct config *config, const struct document_section *section)
{
    char *target = resolve_target(config, section);
    for (const struct setting *row = settings; target && row < settings + settings_count; row++)
        if (row->section == section->kind && row->type->clear)
            row->type->clear(target + row->offset);
}

void config_clear(struct config *config)
{
    for (size_t i = 0; config->document && i < config->document->section_count; i++)
        clear_section(config, &config->document->sections[i]);
    for (size_t i = 0; i < config->sender_count; i++)
        free(config->senders[i].name);
    for (size_t i = 0; i < config->thread_count; i++)
        free(config->threads[i].name);
    for (size_t i = 0; i < config->quota_count; i++)
        free(config->quotas[i].who);
    free(config->senders);
    free(config->threads);
    free(config->quotas);
    document_free(config->document);
    *config = (struct config){ 0 };
}

const struct config_thread *config_thread_by_name(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->thread_count; i++)
        if (strcmp(config->threads[i].name, name) == 0)
            return &config->threads[i];
    return NULL;
}

const struct config_sender *config_sender_by_name(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->sender_count; i++)
        if (strcmp(config->senders[i].name, name) == 0)
            return &config->senders[i];
    return NULL;
}

const struct config_thread *config_default_thread(const struct config *config)
{
    return config->relay.default_thread
               ? config_thread_by_name(config, config->relay.default_thread)
               : NULL;
}

char *config_secret_path(const char *reference, struct error *err)
{
    return secret_file_path(reference, secure_getenv("CREDENTIALS_DIRECTORY"), err);
}
