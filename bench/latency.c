/*
 * latency SOCKET MESSAGES PAUSE_MS - from a script's line to the first byte of the request
 *
 * Is the script and the chat at once, so that one clock sees both ends. Prints
 * "port N", then sends one message at a time, each after the one before has been
 * delivered and answered and PAUSE_MS have passed. Prints "P50 P99 us to wire".
 */
#include "base/memory.h"
#include "bench/http.h"
#include "bench/tool.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 16 * 1024 };

static const char line[] = "{\"to\":\"t0\",\"content\":\"000000001 disk full on db01\"}\n";

static size_t read_some(int fd, struct text *received)
{
    char buffer[READ_BYTES];
    ssize_t length = read(fd, buffer, sizeof(buffer));
    if (length <= 0)
        die("read: %s", length < 0 ? strerrordesc_np(errno) : "end of input");
    text_append(received, buffer, (size_t)length);
    return (size_t)length;
}

static void wait_readable(int fd)
{
    struct pollfd wanted = { .fd = fd, .events = POLLIN };
    if (poll(&wanted, 1, -1) < 0)
        die("poll: %s", strerrordesc_np(errno));
}

static void answer_request(int fd)
{
    struct text received = { 0 }, answer = { 0 };
    struct http_request request;
    while (!http_request_read(&received, &request))
        read_some(fd, &received);
    http_answer_created(&answer, &request);
    write_all(fd, answer.bytes, answer.length);
    text_clear(&answer);
    text_clear(&received);
}

static void expect_acceptance(int relay)
{
    struct text answer = { 0 };
    while (!answer.length || answer.bytes[answer.length - 1] != '\n')
        read_some(relay, &answer);
    if (!strstr(answer.bytes, "\"ok\":true"))
        die("refused: %s", answer.bytes);
    text_clear(&answer);
}

/* Microseconds from the line to its request. `*chat` is the connection, -1 before there is one. */
static int64_t measure(int relay, int listener, int *chat)
{
    int64_t started = now_us();
    write_all(relay, line, strlen(line));
    if (*chat < 0)
        *chat = accept_from(listener);
    wait_readable(*chat);
    int64_t took = now_us() - started;
    answer_request(*chat);
    expect_acceptance(relay);
    return took;
}

static int by_size(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        die("usage: latency SOCKET MESSAGES PAUSE_MS");
    size_t messages = to_count(argv[2]);
    int pause_ms = (int)to_count(argv[3]);
    int listener = listen_loopback(), relay = connect_unix(argv[1]), chat = -1;
    int64_t *took = xcalloc(messages, sizeof(*took));
    measure(relay, listener, &chat); /* the first one connects */
    for (size_t i = 0; i < messages; i++) {
        poll(NULL, 0, pause_ms);
        took[i] = measure(relay, listener, &chat);
    }
    qsort(took, messages, sizeof(*took), by_size);
    printf("%lld %lld us to wire\n", (long long)took[messages / 2],
           (long long)took[messages * 99 / 100]);
    free(took);
    return 0;
}
