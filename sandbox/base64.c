#include "sandbox/base64.h"

#include "base/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *bytes, size_t length)
{
    char *text = xcalloc((length + 2) / 3 * 4 + 1, 1);
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    return text;
}

char *base64_encode_url(const void *bytes, size_t length)
{
    char *text = base64_encode(bytes, length);
    for (char *at = text; *at; at++) {
        if (*at == '+')
            *at = '-';
        else if (*at == '/')
            *at = '_';
        else if (*at == '=')
            *at = '\0';
    }
    return text;
}

/* The text in the standard alphabet, padded to a multiple of four. */
static char *standard_form(const char *text, size_t length)
{
    char *copy = xcalloc(length + 4, 1);
    memcpy(copy, text, length);
    for (char *at = copy; *at; at++) {
        if (*at == '-')
            *at = '+';
        else if (*at == '_')
            *at = '/';
    }
    while (length % 4 != 0)
        copy[length++] = '=';
    return copy;
}

bool base64_decode(const char *text, size_t text_length, char **bytes, size_t *length)
{
    while (text_length > 0 && text[text_length - 1] == '=')
        text_length--;
    if (text_length % 4 == 1)
        return false;

    CLEANUP(free_memory) char *standard = standard_form(text, text_length);
    if (strspn(standard, alphabet) != text_length)
        return false;
    size_t standard_length = (text_length + 3) / 4 * 4;
    char *decoded = xcalloc(standard_length / 4 * 3 + 1, 1);
    int count = EVP_DecodeBlock((unsigned char *)decoded, (const unsigned char *)standard,
                                (int)standard_length);
    if (count < 0) {
        free(decoded);
        return false;
    }
    *length = (size_t)count - (standard_length - text_length);
    decoded[*length] = '\0';
    *bytes = decoded;
    return true;
}
