/*
 * sink THREADS MESSAGES [--gate] - a chat that takes everything, as fast as it can
 *
 * Prints "port N", answers every request with 201, prints "first EPOCH_US" at the
 * first, and after MESSAGES of them "RATE delivered/s, N out of order", and ends. With --gate it
 * leaves all requests unanswered until SIGUSR1: then a backlog begins to drain at a known moment.
 * The time runs from the first answer to the last.
 *
 * The order is known from the numbers that content begins with (see load.c):
 * within a thread each is greater than the one before.
 */
#include "base/memory.h"
#include "bench/http.h"
#include "bench/tool.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, EVENTS = 256 };

struct connection {
    int fd;
    struct text received, answers;
    struct connection *next;
};

struct sink {
    int epoll, listener, signals;
    bool is_open;
    size_t threads, messages, taken, disordered;
    size_t *expected; /* per thread: the least number that may come next */
    int64_t started_us;
    struct connection *connections;
};

static void watch(const struct sink *sink, int fd, void *what)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = what };
    if (epoll_ctl(sink->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        die("epoll_ctl: %s", strerrordesc_np(errno));
}

static void check_order(struct sink *sink, const struct http_request *request)
{
    size_t number = http_message_number(request);
    size_t *expected = &sink->expected[number % sink->threads];
    if (number < *expected)
        sink->disordered++;
    *expected = number + 1;
}

/* On the wall clock, which a script can read too. */
static void note_first(struct sink *sink)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    printf("first %lld\n", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    fflush(stdout);
    sink->started_us = now_us();
}

static void take(struct sink *sink, struct connection *connection,
                 const struct http_request *request)
{
    if (sink->taken == 0)
        note_first(sink);
    check_order(sink, request);
    http_answer_created(&connection->answers, request);
    sink->taken++;
}

/* Answer what is whole, and keep the rest. */
static void serve(struct sink *sink, struct connection *connection)
{
    struct http_request request;
    while (sink->is_open && http_request_read(&connection->received, &request)) {
        take(sink, connection, &request);
        struct text rest = { 0 };
        text_append(&rest, connection->received.bytes + request.bytes,
                    connection->received.length - request.bytes);
        text_clear(&connection->received);
        connection->received = rest;
    }
    write_all(connection->fd, connection->answers.bytes, connection->answers.length);
    text_empty(&connection->answers);
}

static void open_gate(struct sink *sink)
{
    struct signalfd_siginfo info;
    if (read(sink->signals, &info, sizeof(info)) != sizeof(info))
        die("signalfd: %s", strerrordesc_np(errno));
    sink->is_open = true;
    for (struct connection *each = sink->connections; each; each = each->next)
        serve(sink, each);
}

static void welcome(struct sink *sink)
{
    struct connection *connection = xcalloc(1, sizeof(*connection));
    connection->fd = accept_from(sink->listener);
    connection->next = sink->connections;
    sink->connections = connection;
    watch(sink, connection->fd, connection);
}

/* A client that closes is forgotten by the kernel; its memory waits for our end. */
static void receive(struct sink *sink, struct connection *connection)
{
    static char buffer[READ_BYTES];
    ssize_t length = read(connection->fd, buffer, sizeof(buffer));
    if (length <= 0) {
        epoll_ctl(sink->epoll, EPOLL_CTL_DEL, connection->fd, NULL);
        return;
    }
    text_append(&connection->received, buffer, (size_t)length);
    serve(sink, connection);
}

static void handle(struct sink *sink, void *what)
{
    if (what == &sink->listener)
        welcome(sink);
    else if (what == &sink->signals)
        open_gate(sink);
    else
        receive(sink, what);
}

static void run(struct sink *sink)
{
    while (sink->taken < sink->messages) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(sink->epoll, events, EVENTS, -1);
        if (count < 0)
            die("epoll_wait: %s", strerrordesc_np(errno));
        for (int i = 0; i < count; i++)
            handle(sink, events[i].data.ptr);
    }
}

static int usr1_as_file(void)
{
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    return signalfd(-1, &usr1, SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4 || (argc == 4 && strcmp(argv[3], "--gate") != 0))
        die("usage: sink THREADS MESSAGES [--gate]");
    struct sink sink = { .threads = to_count(argv[1]),
                         .messages = to_count(argv[2]),
                         .is_open = argc == 3 };
    sink.expected = xcalloc(sink.threads, sizeof(*sink.expected));
    sink.epoll = epoll_create1(EPOLL_CLOEXEC);
    sink.signals = usr1_as_file();
    sink.listener = listen_loopback();
    watch(&sink, sink.signals, &sink.signals);
    watch(&sink, sink.listener, &sink.listener);
    run(&sink);
    printf("%.0f delivered/s, %zu out of order\n",
           (double)sink.taken * 1e6 / (double)(now_us() - sink.started_us), sink.disordered);
    return 0;
}
