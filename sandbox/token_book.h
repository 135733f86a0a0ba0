/*
 * token_book.h - tokens that were read before
 *
 * Reading a token takes longer than all else that a send needs, and a client
 * sends the same one for hours.
 */
#ifndef CHATRELAY_SANDBOX_TOKEN_BOOK_H
#define CHATRELAY_SANDBOX_TOKEN_BOOK_H

#include "sandbox/table.h"
#include "sandbox/token.h"

enum { TOKEN_BOOK_MOST = 10000 };

/* Zeroed, it is empty. At TOKEN_BOOK_MOST it is emptied. */
struct token_book {
    struct table by_text;
    struct token_entry *latest; /* all of them, a list */
};

/*
 * As token_read(), always with the same key: NULL for a token that was not made
 * with it. Borrowed until the next call.
 */
const struct token_claims *token_book_read(struct token_book *book, const struct access_key *key,
                                           const char *token);

void token_book_clear(struct token_book *book);

#endif
