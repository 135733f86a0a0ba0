#include "client/say.h"

#include "base/harmless.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void say_list(const char *format, va_list args) PRINTF_LIKE(1, 0);

/* What others wrote may be part of it: nothing may command the terminal. */
static void say_list(const char *format, va_list args)
{
    struct text sentence CLEANUP(text_clear) = { 0 }, harmless CLEANUP(text_clear) = { 0 };
    text_vprintf(&sentence, format, args);
    harmless_add(&harmless, sentence.bytes);
    fprintf(stderr, "chatrelay: %s\n", harmless.bytes ? harmless.bytes : "");
}

void say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say_list(format, args);
    va_end(args);
}

enum exit_code say_usage(const char *verb, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say_list(format, args);
    va_end(args);
    fprintf(stderr, "Try: chatrelay help%s%s\n", verb ? " " : "", verb ? verb : "");
    return EXIT_CODE_USAGE;
}

void say_repaired(size_t count)
{
    say("note: %zu byte%s not UTF-8 and became U+FFFD", count, count == 1 ? " was" : "s were");
}

enum exit_code say_refusal(const struct answer *answer, bool json)
{
    if (json)
        say_json(answer->root);
    say("%s", answer->refusal.message);
    return exit_code_of_refusal(&answer->refusal);
}

void say_json(const json_t *object)
{
    char *line = json_dumps(object, JSON_COMPACT);
    puts(line);
    free(line);
}
