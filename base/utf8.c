#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* What may follow a first byte: how many bytes, and the bounds of the first of them. */
struct sequence {
    size_t length;
    unsigned char second_least, second_most;
};

/* RFC 3629, section 4. Length 0: no character begins with this byte. */
static struct sequence sequence_of(unsigned char first)
{
    if (first < 0x80)
        return (struct sequence){ 1, 0, 0 };
    if (first < 0xc2)
        return (struct sequence){ 0, 0, 0 };
    if (first < 0xe0)
        return (struct sequence){ 2, 0x80, 0xbf };
    if (first < 0xf0)
        return (struct sequence){ 3, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf };
    if (first < 0xf5)
        return (struct sequence){ 4, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf };
    return (struct sequence){ 0, 0, 0 };
}

/* The length of the character at the start of `bytes`, 0 if there is none. */
static size_t character_length(const unsigned char *bytes, size_t length)
{
    struct sequence sequence = sequence_of(bytes[0]);
    if (sequence.length > length)
        return 0;
    if (sequence.length > 1 &&
        (bytes[1] < sequence.second_least || bytes[1] > sequence.second_most))
        return 0;
    for (size_t i = 2; i < sequence.length; i++)
        if (!is_continuation(bytes[i]))
            return 0;
    return sequence.length;
}

size_t utf8_valid_prefix(const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    size_t valid = 0;
    while (valid < length) {
        size_t step = character_length(at + valid, length - valid);
        if (step == 0)
            break;
        valid += step;
    }
    return valid;
}

size_t utf8_utf16_units(const char *bytes, size_t length)
{
    size_t units = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (!is_continuation(byte))
            units += byte >= 0xf0 ? 2 : 1;
    }
    return units;
}

size_t utf8_cut(const char *bytes, size_t length, size_t limit)
{
    if (limit >= length)
        return length;
    while (limit > 0 && is_continuation((unsigned char)bytes[limit]))
        limit--;
    return limit;
}

size_t utf8_whole(const char *bytes, size_t length)
{
    size_t start = length;
    while (start > 0 && is_continuation((unsigned char)bytes[start - 1]))
        start--;
    if (start > 0)
        start--;
    struct sequence last = sequence_of(length > 0 ? (unsigned char)bytes[start] : 0);
    return last.length > length - start ? start : length;
}

void utf8_copy(char *to, size_t size, const char *from)
{
    size_t length = utf8_cut(from, strlen(from), size - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

size_t utf8_repair(struct text *text, const char *bytes, size_t length)
{
    size_t repaired = 0;
    for (size_t at = 0; at < length;) {
        size_t valid = utf8_valid_prefix(bytes + at, length - at);
        text_append(text, bytes + at, valid);
        at += valid;
        if (at < length) {
            text_add(text, "\xef\xbf\xbd");
            repaired++;
            at++;
        }
    }
    return repaired;
}
