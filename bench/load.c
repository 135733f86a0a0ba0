/*
 * load SOCKET CONNECTIONS IN_FLIGHT THREADS MESSAGES - clients that send as fast
 * as they are answered
 *
 * Each connection keeps IN_FLIGHT messages unanswered. Messages go round the
 * threads t0, t1, ... and carry their number, so that a chat can check their
 * order. Prints "RATE accepted/s", from the first line to the last answer.
 */
#include "base/text.h"
#include "bench/tool.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024 };

static const char padding[] =
    "The filesystem /var on db01 is 93 % full: 4.1 GiB of 60 GiB are left. "
    "At the rate of the last hour it will be full in 3 h 20 min. "
    "Largest: /var/lib/postgresql 41 GiB, /var/log 9 GiB.";

struct load {
    size_t threads, messages;
    size_t sent, answered;
    struct text lines; /* being written */
};

static void send_some(struct load *load, int fd, size_t count)
{
    text_empty(&load->lines);
    for (; count > 0 && load->sent < load->messages; count--, load->sent++)
        text_printf(&load->lines, "{\"to\":\"t%zu\",\"content\":\"%09zu %s\"}\n",
                    load->sent % load->threads, load->sent, padding);
    write_all(fd, load->lines.bytes, load->lines.length);
}

/* Each line of an answer frees a place for another message. */
static void answered(struct load *load, int fd, const char *bytes, size_t length)
{
    size_t count = 0;
    if (memmem(bytes, length, "\"ok\":false", strlen("\"ok\":false")))
        die("refused: %.*s", (int)length, bytes);
    for (const char *end = bytes + length; (bytes = memchr(bytes, '\n', (size_t)(end - bytes)));
         bytes++)
        count++;
    load->answered += count;
    send_some(load, fd, count);
}

static void read_answers(struct load *load, int fd)
{
    static char buffer[READ_BYTES];
    ssize_t length = read(fd, buffer, sizeof(buffer));
    if (length <= 0)
        die("the relay went away: %s", length < 0 ? strerrordesc_np(errno) : "end of input");
    answered(load, fd, buffer, (size_t)length);
}

static void run(struct load *load, struct pollfd *clients, nfds_t count)
{
    while (load->answered < load->messages) {
        if (poll(clients, count, -1) < 0)
            die("poll: %s", strerrordesc_np(errno));
        for (nfds_t i = 0; i < count; i++)
            if (clients[i].revents)
                read_answers(load, clients[i].fd);
    }
}

int main(int argc, char **argv)
{
    if (argc != 6)
        die("usage: load SOCKET CONNECTIONS IN_FLIGHT THREADS MESSAGES");
    size_t connections = to_count(argv[2]), in_flight = to_count(argv[3]);
    struct load load = { .threads = to_count(argv[4]), .messages = to_count(argv[5]) };
    struct pollfd *clients = calloc(connections, sizeof(*clients));
    if (!clients)
        die("out of memory");
    for (size_t i = 0; i < connections; i++)
        clients[i] = (struct pollfd){ .fd = connect_unix(argv[1]), .events = POLLIN };

    int64_t started = now_us();
    for (size_t i = 0; i < connections; i++)
        send_some(&load, clients[i].fd, in_flight);
    run(&load, clients, connections);
    printf("%.0f accepted/s\n", (double)load.messages * 1e6 / (double)(now_us() - started));
    text_clear(&load.lines);
    free(clients);
    return 0;
}
