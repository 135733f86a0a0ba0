#include "base/text.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SMALLEST = 256 }; /* most never grow beyond */

/* Room for `more` bytes and a NUL behind what is there. */
static void reserve(struct text *text, size_t more)
{
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity)
        return;

    size_t capacity = text->capacity ? text->capacity : TEXT_SMALLEST;
    while (capacity < needed)
        capacity *= 2;
    text->bytes = xreallocarray(text->bytes, capacity, 1);
    text->capacity = capacity;
}

void text_append(struct text *text, const char *bytes, size_t length)
{
    reserve(text, length);
    if (length > 0)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
    text_append(text, string, strlen(string));
}

char *text_write_number(char *at, int64_t number)
{
    char digits[TEXT_LONGEST_NUMBER];
    char *first = digits + sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        *--first = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0)
        *--first = '-';
    return mempcpy(at, first, (size_t)(digits + sizeof digits - first));
}

void text_add_number(struct text *text, int64_t number)
{
    char digits[TEXT_LONGEST_NUMBER];
    text_append(text, digits, (size_t)(text_write_number(digits, number) - digits));
}

bool text_read_number(const char **at, int64_t *number)
{
    char *end = NULL;
    *number = strtoll(*at, &end, 10);
    bool read = end != *at;
    *at = end;
    return read;
}

/* vsnprintf(3) that leaves `args` as they are. */
static int PRINTF_LIKE(3, 0) print(char *bytes, size_t room, const char *format, va_list args)
{
    va_list copied;
    va_copy(copied, args);
    int length = vsnprintf(bytes, room, format, copied);
    va_end(copied);
    return length;
}

/* What does not fit at first is said again: formatting costs more than room. */
void text_vprintf(struct text *text, const char *format, va_list args)
{
    enum { LIKELY = 64 };
    reserve(text, LIKELY);
    for (;;) {
        size_t room = text->capacity - text->length;
        int length = print(text->bytes + text->length, room, format, args);
        if (length >= 0 && (size_t)length < room) {
            text->length += (size_t)length;
            return;
        }
        text->bytes[text->length] = '\0';
        if (length < 0)
            return;
        reserve(text, (size_t)length);
    }
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_vprintf(text, format, args);
    va_end(args);
}

void text_copy(char *to, size_t size, const char *from)
{
    size_t length = strnlen(from, size - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

void text_empty(struct text *text)
{
    text->length = 0;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void text_drop(struct text *text, size_t count)
{
    if (count == 0)
        return;
    text->length -= count;
    memmove(text->bytes, text->bytes + count, text->length + 1);
}

char *text_take(struct text *text)
{
    char *bytes = text->bytes ? text->bytes : xstrdup("");
    *text = (struct text){ 0 };
    return bytes;
}

void text_clear(struct text *text)
{
    free(text->bytes);
    *text = (struct text){ 0 };
}
