/*
 * refusal.h - why the relay does not do what it was asked, in a form that
 * programs can act on
 *
 * The words are a fixed list (chatrelay-protocol(7)): a client decides by the
 * word and by `retry`, a person reads the message.
 */
#ifndef CHATRELAY_WIRE_REFUSAL_H
#define CHATRELAY_WIRE_REFUSAL_H

#include "base/attributes.h"

#include <stdbool.h>

enum refusal_word {
    REFUSAL_INVALID,        /* malformed; the field says where */
    REFUSAL_UNKNOWN_THREAD, /* no such thread in the settings */
    REFUSAL_UNKNOWN_OP,     /* not an operation of this version */
    REFUSAL_NOT_FOUND,      /* no such message, or none that the asker may see */
    REFUSAL_DENIED,         /* the asker may not do this */
    REFUSAL_FULL,           /* a quota, a thread's or the disk's limit is reached; later may help */
    REFUSAL_STORAGE,        /* could not be written; nothing was stored, later may help */
    REFUSAL_BUSY,           /* too much at once; later may help */
    REFUSAL_ONCE_CONFLICT,  /* `once` was used for another request */
    REFUSAL_WRONG_STATE,    /* the message is past that */
    REFUSAL_CHAT,           /* the chat could not be asked, or said no; `retry` tells which */
    REFUSAL_DOWN,           /* the relay does not run; later, when that is mended */
};

enum { REFUSAL_WORDS = REFUSAL_DOWN + 1 };

struct refusal {
    enum refusal_word word;
    char field[64]; /* the field of the request that is at fault; "" for none */
    char message[256];
    bool retry; /* the same request may succeed later */
};

/*
 * Describe a refusal. `retry` becomes what lies in the word's nature: true for full,
 * storage, busy and down. `field` may be NULL. What is too long is cut between characters. Always
 * false, so a caller can `return refusal_set(...)`.
 */
bool refusal_set(struct refusal *refusal, enum refusal_word word, const char *field,
                 const char *format, ...) PRINTF_LIKE(4, 5);

/* The word as it goes over the wire: "unknown-thread". */
const char *refusal_name(enum refusal_word word);

/* False if `name` is none of the words. */
MUST_CHECK bool refusal_from_name(const char *name, enum refusal_word *word);

#endif
