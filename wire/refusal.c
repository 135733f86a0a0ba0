#include "wire/refusal.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    bool may_be_retried;
} words[REFUSAL_WORDS] = {
    [REFUSAL_INVALID] = { "invalid", false },
    [REFUSAL_UNKNOWN_THREAD] = { "unknown-thread", false },
    [REFUSAL_UNKNOWN_OP] = { "unknown-op", false },
    [REFUSAL_NOT_FOUND] = { "not-found", false },
    [REFUSAL_DENIED] = { "denied", false },
    [REFUSAL_FULL] = { "full", true },
    [REFUSAL_STORAGE] = { "storage", true },
    [REFUSAL_BUSY] = { "busy", true },
    [REFUSAL_ONCE_CONFLICT] = { "once-conflict", false },
    [REFUSAL_WRONG_STATE] = { "wrong-state", false },
    [REFUSAL_CHAT] = { "chat", false },
    [REFUSAL_DOWN] = { "down", true },
};

bool refusal_set(struct refusal *refusal, enum refusal_word word, const char *field,
                 const char *format, ...)
{
    *refusal = (struct refusal){ .word = word, .retry = words[word].may_be_retried };
    utf8_copy(refusal->field, sizeof refusal->field, field ? field : "");

    va_list args;
    va_start(args, format);
    vsnprintf(refusal->message, sizeof refusal->message, format, args);
    va_end(args);
    refusal->message[utf8_whole(refusal->message, strlen(refusal->message))] = '\0';
    return false;
}

const char *refusal_name(enum refusal_word word)
{
    return words[word].name;
}

bool refusal_from_name(const char *name, enum refusal_word *word)
{
    for (size_t i = 0; i < REFUSAL_WORDS; i++) {
        if (strcmp(words[i].name, name) == 0) {
            *word = (enum refusal_word)i;
            return true;
        }
    }
    return false;
}
