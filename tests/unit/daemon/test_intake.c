/*
 * test_intake.c - a turn ends in time, whatever its lines ask for
 */
#include "daemon/intake.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINES = 100, LINE_MS = 4 };

static struct event_base *loop;
static struct waits waits;
static struct turn *turn;
static struct intake *intake;
static struct sockaddr_un address;
static socklen_t address_size = sizeof address;
static int client;
static msec_t steady_at;
static int handled;

static struct moment read_clock(void *context)
{
    (void)context;
    return (struct moment){ 1, steady_at };
}

static const struct clock slow_clock = { read_clock, NULL };

/* Each line takes its time. */
static void handle(void *context, struct peer *peer, const char *line, size_t length)
{
    (void)context, (void)peer, (void)line, (void)length;
    steady_at += LINE_MS;
    handled++;
}

static bool is_never_full(void *context)
{
    (void)context;
    return false;
}

static bool may_not_pass_files(void *context, const struct asker *asker)
{
    (void)context, (void)asker;
    return false;
}

/* Without a path, Linux gives a name of its own: unix(7), autobind. */
static int listen_somewhere(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const struct sockaddr_un anywhere = { .sun_family = AF_UNIX };
    cr_assert_eq(bind(fd, (const struct sockaddr *)&anywhere, sizeof(sa_family_t)), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &address_size), 0);
    cr_assert_eq(listen(fd, 8), 0);
    return fd;
}

static void begin(void)
{
    loop = event_base_new();
    turn = turn_new();
    const struct intake_setup setup = { .loop = loop,
                                        .waits = &waits,
                                        .clock = &slow_clock,
                                        .listen_fd = listen_somewhere(),
                                        .most_peers = 10,
                                        .may_pass_files = may_not_pass_files,
                                        .handle = handle,
                                        .is_full = is_never_full };
    intake = intake_new(&setup);
    client = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(connect(client, (struct sockaddr *)&address, address_size), 0);
    event_base_loop(loop, EVLOOP_NONBLOCK);
}

static void end(void)
{
    close(client);
    intake_free(intake);
    waits_clear(&waits);
    turn_free(turn);
    event_base_free(loop);
}

TestSuite(intake, .init = begin, .fini = end);

Test(intake, lines_that_take_long_are_left_for_other_turns)
{
    char lines[2 * LINES];
    for (size_t i = 0; i < sizeof lines; i += 2)
        memcpy(lines + i, "x\n", 2);
    cr_assert_eq(send(client, lines, sizeof lines, 0), (ssize_t)sizeof lines);
    event_base_loop(loop, EVLOOP_NONBLOCK);

    int turns = 0;
    for (; handled < LINES && turns < LINES; turns++) {
        int before = handled;
        cr_assert(intake_has_work(intake));
        intake_process(intake, turn, read_clock(NULL));
        cr_expect_gt(handled, before, "there is progress in every turn");
        cr_expect_leq((handled - before - 1) * LINE_MS, INTAKE_LONGEST_MS);
    }
    cr_expect_eq(handled, LINES);
    cr_expect_geq(turns, LINES * LINE_MS / (INTAKE_LONGEST_MS + LINE_MS));
    cr_expect_not(intake_has_work(intake));
}
