#include "chat/program.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST = 1024, PATIENCE_MS = 30 * 1000, SCRIPT_PATH_SIZE = 64 };

struct end {
    int count;
    bool good;
    char output[LONGEST];
    struct error err;
};

static void on_done(void *context, const char *output, size_t length, const struct error *err)
{
    struct end *end = context;
    end->count++;
    end->good = output != NULL;
    end->err = *err;
    if (output)
        memcpy(end->output, output, length);
}

static void expect_no_child(void)
{
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "a child is left, perhaps as a zombie");
}

static struct end run_with(const char *command, const char *input, msec_t timeout_ms)
{
    struct end end = { 0 };
    struct event_base *loop = event_base_new();
    program_start(loop, command, input, timeout_ms, LONGEST, on_done, &end);
    cr_assert_eq(end.count, 0, "done came before the starter returned");
    while (end.count == 0)
        event_base_loop(loop, EVLOOP_ONCE);
    cr_expect_eq(event_base_loop(loop, EVLOOP_NONBLOCK), 1, "nothing is left in the loop");
    event_base_free(loop);
    expect_no_child();
    return end;
}

static struct end run(const char *command, msec_t timeout_ms)
{
    return run_with(command, NULL, timeout_ms);
}

Test(chat_program, it_reads_what_it_is_given)
{
    struct end end = run_with("/bin/cat", "one line\nand another\n", PATIENCE_MS);
    cr_expect(end.good, "%s", end.err.text);
    cr_expect_str_eq(end.output, "one line\nand another\n");
    end = run_with("/bin/cat", "", PATIENCE_MS);
    cr_expect(end.good && end.output[0] == '\0');

    static char most[PROGRAM_LONGEST_INPUT + 1];
    memset(most, 'x', PROGRAM_LONGEST_INPUT);
    end = run_with("/usr/bin/wc -c", most, PATIENCE_MS);
    cr_expect_eq(strtol(end.output, NULL, 10), PROGRAM_LONGEST_INPUT);
    cr_expect(run_with("/bin/true", most, PATIENCE_MS).good, "it need not read");
}

Test(chat_program, what_it_prints_is_taken)
{
    struct end end = run("/bin/echo  one\ttwo $HOME ", PATIENCE_MS);
    cr_expect(end.good);
    cr_expect_str_eq(end.output, "one two $HOME\n", "no shell has read it");
}

static void expect_failure(const char *command, msec_t timeout_ms, const char *word)
{
    struct end end = run(command, timeout_ms);
    cr_expect_not(end.good, "%s", command);
    cr_expect(strstr(end.err.text, word), "%s: %s", command, end.err.text);
}

Test(chat_program, how_it_failed_is_told_without_its_arguments)
{
    expect_failure("/bin/false sesame", PATIENCE_MS, "/bin/false ended with status 1");
    expect_failure("/none sesame", PATIENCE_MS, "/none could not be started: No such file");
    expect_failure("/", PATIENCE_MS, "could not be started: Permission denied");
    expect_failure("/usr/bin/timeout -s KILL 0.01 /bin/sleep 60", PATIENCE_MS,
                   "/usr/bin/timeout was ended by signal 9");
}

Test(chat_program, one_that_takes_too_long_is_killed)
{
    expect_failure("/bin/sleep 3600", 20, "/bin/sleep took longer than 20 ms");
}

Test(chat_program, one_that_prints_without_end_is_killed)
{
    expect_failure("/usr/bin/yes", PATIENCE_MS, "/usr/bin/yes printed 1024 bytes or more");
}

/* Write a script to the path, for its owner to run. */
static void write_script(char path[SCRIPT_PATH_SIZE], const char *text)
{
    snprintf(path, SCRIPT_PATH_SIZE, "/tmp/chat-program-XXXXXX");
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && fchmod(fd, 0700) == 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

Test(chat_program, it_has_no_file_of_ours_and_reads_nothing)
{
    char path[SCRIPT_PATH_SIZE];
    write_script(path, "#!/bin/sh\ncat\nls -l /proc/self/fd | wc -l\n");
    int inherited = fcntl(STDERR_FILENO, F_DUPFD, 60);
    cr_assert_geq(inherited, 60);
    struct end end = run(path, PATIENCE_MS);
    unlink(path);
    cr_expect(end.good, "%s", end.err.text);
    cr_expect_str_eq(end.output, "5\n", "a total, 0, 1, 2 and the folder itself");
}

Test(chat_program, what_it_leaves_behind_is_not_waited_for)
{
    char path[SCRIPT_PATH_SIZE];
    write_script(path, "#!/bin/sh\nsleep 3600 &\necho done $!\n");
    struct end end = run(path, PATIENCE_MS);
    unlink(path);
    cr_expect(end.good, "%s", end.err.text);
    cr_assert(strncmp(end.output, "done ", 5) == 0);
    long child = strtol(end.output + 5, NULL, 10);
    cr_assert_gt(child, 1);
    kill((pid_t)child, SIGKILL);
}

Test(chat_program, given_up_it_is_killed_and_calls_nobody)
{
    struct end end = { 0 };
    struct event_base *loop = event_base_new();
    struct program *program =
        program_start(loop, "/bin/sleep 3600", NULL, PATIENCE_MS, LONGEST, on_done, &end);
    program_free(program);
    event_base_loop(loop, 0);
    expect_no_child();
    cr_expect_eq(end.count, 0);
    event_base_free(loop);
}

/* Leaves the group that was made for it; that the file is gone says so. */
static const char leaver[] =
    "#!/usr/bin/perl\n"
    "setpgrp(0, getpgrp(getppid())); unlink($0); sleep(3600);\n";

Test(chat_program, one_that_leaves_its_group_is_killed_all_the_same)
{
    char path[SCRIPT_PATH_SIZE];
    write_script(path, leaver);
    struct end end = run(path, 300);
    unlink(path);
    cr_expect(strstr(end.err.text, "took longer than 300 ms"), "%s", end.err.text);

    struct event_base *loop = event_base_new();
    write_script(path, leaver);
    struct program *program = program_start(loop, path, NULL, PATIENCE_MS, LONGEST, on_done, &end);
    while (access(path, F_OK) == 0)
        event_base_loop(loop, EVLOOP_NONBLOCK);
    program_free(program);
    event_base_loop(loop, 0);
    expect_no_child();
    event_base_free(loop);
}

/* Whether the program under test is asked to kill in vain. */
static bool is_immortal = false;
static pid_t mortal = 0;

/* The C library's, but for that. */
int kill(pid_t id, int number)
{
    if (number == SIGKILL && is_immortal) {
        mortal = id > 0 ? id : mortal;
        return 0;
    }
    return (int)syscall(SYS_kill, id, number);
}

/* The loop reaps it when it ends at last. */
static void expect_reaped(struct event_base *loop)
{
    cr_assert_gt(mortal, 0);
    cr_assert_eq(waitpid(mortal, NULL, WNOHANG), 0, "it is still there");
    is_immortal = false;
    kill(mortal, SIGKILL);
    event_base_loop(loop, 0);
    expect_no_child();
    event_base_free(loop);
}

Test(chat_program, nobody_waits_for_one_that_does_not_die)
{
    struct end end = { 0 };
    struct event_base *loop = event_base_new();
    is_immortal = true;
    program_free(program_start(loop, "/bin/sleep 3600", NULL, PATIENCE_MS, LONGEST, on_done, &end));
    expect_reaped(loop);
    cr_expect_eq(end.count, 0);

    loop = event_base_new();
    is_immortal = true;
    program_start(loop, "/bin/sleep 3600", NULL, 1, LONGEST, on_done, &end);
    while (end.count == 0)
        event_base_loop(loop, EVLOOP_ONCE);
    cr_expect(strstr(end.err.text, "took longer than 1 ms"), "%s", end.err.text);
    expect_reaped(loop);
    cr_expect_eq(end.count, 1);
}
