/*
 * digest_state.h - what a digest's files share; for them alone
 */
#ifndef CHATRELAY_QUEUE_DIGEST_STATE_H
#define CHATRELAY_QUEUE_DIGEST_STATE_H

#include "queue/digest.h"

#include <stdint.h>

/* In front of the further lines of a text. */
#define DIGEST_INDENTATION "    "

/* In front of the first line of its kind, where that is worth it. */
#define DIGEST_MARK "* "

/* A message, or identical neighbours. */
struct line {
    msec_t at, last_at;
    int64_t count;
    int64_t fold_count; /* of messages with its name that it replaced */
    msec_t fold_since;  /* of these the first */
    char *name;         /* NULL for none */
    char *content;
    uint64_t likeness; /* of the content */
    bool is_new;       /* no line before it is alike */
};

struct digest {
    struct digest_rule rule;
    msec_t now_at;
    enum message_type type; /* of the first, as of all */
    struct line *lines;
    size_t line_count, capacity;
    size_t messages;
    size_t kinds; /* of lines that are alike */
    bool names_differ;
    size_t size, names_size; /* in the rule's units; of the names, in case they differ */
};

#endif
