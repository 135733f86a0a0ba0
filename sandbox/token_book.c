#include "sandbox/token_book.h"

#include "base/memory.h"

#include <stdlib.h>

struct token_entry {
    struct token_entry *older;
    char *text;
    struct token_claims claims;
};

void token_book_clear(struct token_book *book)
{
    while (book->latest) {
        struct token_entry *entry = book->latest;
        book->latest = entry->older;
        free(entry->text);
        free(entry);
    }
    table_clear(&book->by_text);
}

static const struct token_claims *add(struct token_book *book, const char *token,
                                      const struct token_claims *claims)
{
    if (book->by_text.count == TOKEN_BOOK_MOST)
        token_book_clear(book);
    struct token_entry *entry = xcalloc(1, sizeof *entry);
    entry->older = book->latest;
    entry->text = xstrdup(token);
    entry->claims = *claims;
    book->latest = entry;
    table_add(&book->by_text, entry->text, entry);
    return &entry->claims;
}

const struct token_claims *token_book_read(struct token_book *book, const struct access_key *key,
                                           const char *token)
{
    const struct token_entry *entry = table_find(&book->by_text, token);
    struct token_claims claims;
    if (entry)
        return &entry->claims;
    return token_read(key, token, &claims) ? add(book, token, &claims) : NULL;
}
