#include "daemon/authors.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

static const char authors_note[] = "authors";

static bool has_line(const char *text, const char *line)
{
    size_t length = strlen(line);
    for (const char *at = text; at && *at; at = strchr(at, '\n'), at += at != NULL)
        if (strncmp(at, line, length) == 0 && at[length] == '\n')
            return true;
    return false;
}

static bool all_are_named(const struct config *config)
{
    for (size_t i = 0; i < config->sender_count; i++)
        if (!config->senders[i].identity)
            return false;
    return true;
}

char *authors_of(const struct config *config, struct outbox *outbox)
{
    struct text authors = { 0 };
    CLEANUP(free_memory) char *noted = outbox_note(outbox, authors_note);
    text_add(&authors, noted ? noted : "");
    size_t length = authors.length;
    for (size_t i = 0; i < config->sender_count; i++) {
        const char *identity = config->senders[i].identity;
        if (identity && !has_line(authors.bytes, identity))
            text_printf(&authors, "%s\n", identity);
    }
    if (authors.length > length)
        outbox_set_note(outbox, authors_note, authors.bytes);
    if (!all_are_named(config))
        text_empty(&authors);
    return text_take(&authors);
}
