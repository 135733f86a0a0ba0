/*
 * verb.h - what the program can be told to do, one row each
 */
#ifndef CHATRELAY_SETUP_VERB_H
#define CHATRELAY_SETUP_VERB_H

#include "setup/setup.h"

/* The options of struct options, as bits: which of them a verb takes. */
enum option_bit {
    OPTION_SECRET = 1 << 0, /* --connection-string-file, --group */
    OPTION_SENDER = 1 << 1,
    OPTION_THREAD = 1 << 2,
    OPTION_TOPIC = 1 << 3,
    OPTION_NAME = 1 << 4, /* --display-name */
    OPTION_CA = 1 << 5,   /* --ca-file, --proxy */
    OPTION_DELETE = 1 << 6,
};

struct verb {
    const char *name;      /* NULL: without a word */
    const char *arguments; /* as help shows them */
    size_t least, most;    /* of arguments */
    unsigned takes;
    const char *summary;
    enum status (*run)(struct setup *setup, const char *const *words, size_t count);
};

extern const struct verb verbs[];
extern const size_t verb_count;

enum status verb_first(struct setup *setup, const char *const *words, size_t count);
enum status verb_sender(struct setup *setup, const char *const *words, size_t count);
enum status verb_thread(struct setup *setup, const char *const *words, size_t count);
enum status verb_adopt(struct setup *setup, const char *const *words, size_t count);
enum status verb_replace(struct setup *setup, const char *const *words, size_t count);
enum status verb_invite(struct setup *setup, const char *const *words, size_t count);
enum status verb_people(struct setup *setup, const char *const *words, size_t count);
enum status verb_remove(struct setup *setup, const char *const *words, size_t count);
enum status verb_find(struct setup *setup, const char *const *words, size_t count);

#endif
