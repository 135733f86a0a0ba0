#include "chat/program.h"

#include "base/duration.h"
#include "base/memory.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLING_MS = 500 }; /* what that may take */

struct program {
    char *path;    /* of the program: its arguments are not told */
    pid_t id;      /* 0: it is not running */
    int exit_fd;   /* readable once it has ended; -1: none */
    int output_fd; /* the reading end of its standard output; -1: none */
    struct event ended, printed, late;
    msec_t timeout_ms;
    char *output;
    size_t length, longest;
    bool killed; /* and `late` is when its end is not waited for any longer */
    bool failed;
    struct error err; /* why it failed */
    program_done *done;
    void *context;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* With its group, which it may have left. */
static void kill_all(const struct program *program)
{
    if (program->id <= 0)
        return;
    kill(-program->id, SIGKILL);
    kill(program->id, SIGKILL);
}

static void stop(struct program *program)
{
    const struct timeval patience = { .tv_usec = (suseconds_t)KILLING_MS * 1000 };
    program->killed = true;
    kill_all(program);
    event_add(&program->late, &patience);
}

/* Its status, now that it has ended. */
static int reap(struct program *program)
{
    int status = 0;
    while (program->id > 0 && waitpid(program->id, &status, 0) < 0 && errno == EINTR)
        continue;
    program->id = 0;
    return status;
}

static void on_left_ended(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    (void)context;
    siginfo_t end;
    waitid(P_PIDFD, (id_t)fd, &end, WEXITED | WNOHANG);
    close(fd);
}

/* It is reaped once it has ended: the loop does not wait for one that takes long to die. */
static void leave(struct program *program)
{
    struct event_base *loop = event_get_base(&program->ended);
    kill_all(program);
    if (event_base_once(loop, program->exit_fd, EV_READ, on_left_ended, NULL, NULL) == 0)
        program->exit_fd = -1;
    program->id = 0;
}

void program_free(struct program *program)
{
    if (!program)
        return;
    event_del(&program->ended);
    event_del(&program->printed);
    event_del(&program->late);
    if (program->id > 0)
        leave(program);
    close_fd(&program->exit_fd);
    close_fd(&program->output_fd);
    explicit_bzero(program->output, program->longest);
    free(program->output);
    free(program->path);
    free(program);
}

/* The first reason is the one to tell. */
static void PRINTF_LIKE(2, 3) fail(struct program *program, const char *format, ...)
{
    if (program->failed)
        return;
    program->failed = true;
    va_list args;
    va_start(args, format);
    error_vset(&program->err, format, args);
    va_end(args);
}

static void finish(struct program *program)
{
    if (program->failed)
        program->done(program->context, NULL, 0, &program->err);
    else
        program->done(program->context, program->output, program->length, &program->err);
    program_free(program);
}

/* Take what is there. False once there will be no more of it. */
static bool take_output(struct program *program)
{
    while (program->output_fd >= 0) {
        size_t room = program->longest - program->length;
        ssize_t got = read(program->output_fd, program->output + program->length, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return true;
        if (got <= 0)
            return false;
        program->length += (size_t)got;
        if (program->length == program->longest) {
            fail(program, "%s printed %zu bytes or more, so it was killed", program->path,
                 program->longest);
            stop(program);
            return false;
        }
    }
    return false;
}

static void on_printed(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct program *program = context;
    if (!take_output(program))
        event_del(&program->printed);
}

/* What its children still hold open is not waited for. */
static void on_ended(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct program *program = context;
    take_output(program);
    int status = reap(program);
    if (WIFSIGNALED(status))
        fail(program, "%s was ended by signal %d", program->path, WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        fail(program, "%s ended with status %d", program->path, WEXITSTATUS(status));
    finish(program);
}

static void on_late(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct program *program = context;
    if (program->id == 0 || program->killed) {
        finish(program); /* it could not be started, or cannot be killed */
        return;
    }
    char limit[DURATION_LONGEST_TEXT];
    duration_say(program->timeout_ms, limit);
    fail(program, "%s took longer than %s, so it was killed", program->path, limit);
    stop(program);
}

/* ---- starting ------------------------------------------------------------------------------- */

/* The words of `line`, which is cut up for it; to be freed, as an array that ends in NULL. */
static char **split(char *line)
{
    static const char blanks[] = " \t";
    char **words = xcalloc(strlen(line) / 2 + 2, sizeof *words);
    char *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(line, blanks, &rest); word; word = strtok_r(NULL, blanks, &rest))
        words[count++] = word;
    return words;
}

static void set_signals(posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                             POSIX_SPAWN_SETPGROUP);
}

/* 0 or an errno. */
static int spawn(struct program *program, char **words, int input_fd, int output_fd)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, output_fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, input_fd, STDIN_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    set_signals(&attributes);
    int problem = posix_spawn(&program->id, words[0], &files, &attributes, words, environ);
    if (problem)
        program->id = 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return problem;
}

/* What reads as `input`, or as nothing for NULL; -1 with errno. */
static int open_input(const char *input)
{
    int ends[2];
    size_t length = input ? strlen(input) : 0;
    if (length == 0)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    bool written = write(ends[1], input, length) == (ssize_t)length;
    close(ends[1]);
    if (written)
        return ends[0];
    close(ends[0]);
    errno = EMSGSIZE;
    return -1;
}

static int launch(struct program *program, const char *command, const char *input)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    program->output_fd = ends[0];
    fcntl(ends[0], F_SETFL, O_NONBLOCK);

    CLEANUP(free_memory) char *line = xstrdup(command);
    CLEANUP(free_memory) char **words = split(line);
    int input_fd = open_input(input);
    int problem = input_fd < 0 ? errno : ENOENT;
    if (input_fd >= 0 && words[0])
        problem = spawn(program, words, input_fd, ends[1]);
    close_fd(&input_fd);
    close(ends[1]);
    if (problem)
        return problem;
    program->exit_fd = pidfd_open(program->id, 0);
    if (program->exit_fd >= 0)
        return 0;
    problem = errno;
    kill_all(program);
    reap(program);
    return problem;
}

struct program *program_start(struct event_base *loop, const char *command, const char *input,
                              msec_t timeout_ms, size_t longest_output, program_done *done,
                              void *context)
{
    struct program *program = xcalloc(1, sizeof *program);
    *program = (struct program){ .path = xmemdup0(command, strcspn(command, " \t")),
                                 .exit_fd = -1,
                                 .output_fd = -1,
                                 .timeout_ms = timeout_ms,
                                 .output = xcalloc(longest_output, 1),
                                 .longest = longest_output,
                                 .done = done,
                                 .context = context };
    int problem = launch(program, command, input);
    event_assign(&program->ended, loop, program->exit_fd, EV_READ, on_ended, program);
    event_assign(&program->printed, loop, program->output_fd, EV_READ | EV_PERSIST, on_printed,
                 program);
    event_assign(&program->late, loop, -1, 0, on_late, program);
    struct timeval limit = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };
    if (problem) {
        fail(program, "%s could not be started: %s", program->path, strerrordesc_np(problem));
        limit = (struct timeval){ 0, 0 };
    } else {
        event_add(&program->ended, NULL);
        event_add(&program->printed, NULL);
    }
    event_add(&program->late, &limit);
    return program;
}
