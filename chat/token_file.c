#include "chat/token_file.h"

#include "base/memory.h"
#include "base/secret_file.h"

#include <stdlib.h>

struct token_file {
    char *reference, *credentials_directory;
    struct file_version version; /* of what was read last */
    struct file_version refused; /* the one whose token the chat refused; zeroed: none */
    msec_t looked_at;            /* at its version */
};

struct token_file *token_file_new(const char *reference, const char *credentials_directory)
{
    struct token_file *file = xcalloc(1, sizeof *file);
    file->reference = xstrdup(reference);
    file->credentials_directory = xstrdup_or_null(credentials_directory);
    return file;
}

void token_file_free(struct token_file *file)
{
    if (!file)
        return;
    free(file->reference);
    free(file->credentials_directory);
    free(file);
}

const char *token_file_name(const struct token_file *file)
{
    return file->reference;
}

enum token_file_news token_file_look(struct token_file *file, bool is_kept, msec_t now_at,
                                     char **secret, struct error *err)
{
    struct file_version version;
    if (is_kept && file->looked_at == now_at)
        return TOKEN_FILE_SAME;
    file->looked_at = now_at;
    CLEANUP(free_memory)
    char *path = secret_file_path(file->reference, file->credentials_directory, err);
    bool there = path && file_version_of(path, &version, err);
    if (there && is_kept && file_version_equal(&version, &file->version))
        return TOKEN_FILE_SAME;

    *secret = there ? secret_file_read(path, &file->version, err) : NULL;
    if (*secret)
        return TOKEN_FILE_OTHER;
    error_prefix(err, "%s", file->reference);
    return TOKEN_FILE_NONE;
}

void token_file_refuse(struct token_file *file)
{
    file->refused = file->version;
}

bool token_file_is_refused(const struct token_file *file)
{
    return file->refused.inode != 0 && file_version_equal(&file->version, &file->refused);
}
