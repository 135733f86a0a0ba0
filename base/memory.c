#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *insist_on(void *memory)
{
    if (!memory) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *xcalloc(size_t count, size_t size)
{
    return insist_on(calloc(count, size));
}

void *xreallocarray(void *memory, size_t count, size_t size)
{
    return insist_on(reallocarray(memory, count, size));
}

char *xstrdup(const char *text)
{
    return insist_on(strdup(text));
}

char *xstrdup_or_null(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

char *xmemdup0(const void *bytes, size_t length)
{
    char *copy = insist_on(malloc(length + 1));
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *xasprintf(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    return insist_on(length < 0 ? NULL : text);
}

void free_memory(void *pointer_to_pointer)
{
    free(*(void **)pointer_to_pointer);
}

void replace_text(char **text, char *other)
{
    free(*text);
    *text = other;
}
