/* Answers that the setup reads: its first byte says which of them the rest is. */
#include "base/memory.h"
#include "base/secret_file.h"
#include "base/utf8.h"
#include "chat/managed_identity.h"
#include "chat/new_identity.h"
#include "chat/new_thread.h"
#include "chat/participants.h"
#include "chat/thread_list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void insist(bool holds)
{
    if (!holds)
        abort();
}

/* What goes into a settings file or a header is one visible word. */
static void check_word(const char *word)
{
    insist(*word != '\0');
    for (; *word; word++)
        insist(*word > ' ' && *word <= '~');
}

static void check_text(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    insist(length < size && utf8_valid_prefix(text, length) == length);
    for (size_t i = 0; i < length; i++)
        insist((unsigned char)text[i] >= ' ');
}

static void read_identity(const char *bytes, size_t length)
{
    char *id = new_identity_parse(bytes, length, NULL);
    if (id)
        check_word(id);
    free(id);
}

/* A location up to a newline, and a body. */
static void read_thread(const char *bytes, size_t length)
{
    CLEANUP(free_memory) char *location = xmemdup0(bytes, length);
    char *body = strchr(location, '\n');
    if (body)
        *body++ = '\0';
    size_t body_length = body ? (size_t)(location + length - body) : 0;
    char *id = new_thread_parse(body ? body : "", body_length, location, NULL);
    if (id)
        check_word(id);
    free(id);
}

static void read_threads(const char *bytes, size_t length)
{
    CLEANUP(thread_list_clear) struct thread_list list = { 0 };
    bool good = thread_list_parse(&list, bytes, length, NULL);
    insist(good || list.count == 0);
    for (size_t i = 0; i < list.count; i++)
        check_text(list.threads[i].topic, sizeof list.threads[i].topic);
}

static void read_people(const char *bytes, size_t length)
{
    CLEANUP(participants_clear) struct participants people = { 0 };
    struct error err = { 0 };
    bool good = participants_parse(&people, bytes, length, NULL);
    insist(good || people.count == 0);
    for (size_t i = 0; i < people.count; i++)
        check_text(people.items[i].name, sizeof people.items[i].name);
    insist(participants_added(bytes, length, &err) || err.text[0] != '\0');
}

static void read_managed_identity(const char *bytes, size_t length)
{
    const struct http_reply reply = { .progress = HTTP_ANSWERED,
                                      .status = length % 2 ? 200 : 400,
                                      .body = bytes,
                                      .body_length = length,
                                      .failure_text = "" };
    struct error err = { 0 };
    char *token = managed_identity_read(&reply, &err);
    insist(token ? err.text[0] == '\0' : err.text[0] != '\0');
    if (token)
        check_word(token);
    secret_wipe(token);
}

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(const char *bytes, size_t length) = { read_identity, read_thread,
                                                                         read_threads, read_people,
                                                                         read_managed_identity };
    if (size == 0)
        return 0;
    CLEANUP(free_memory) char *bytes = xmemdup0(data + 1, size - 1);
    readers[data[0] % (sizeof readers / sizeof readers[0])](bytes, size - 1);
    return 0;
}
