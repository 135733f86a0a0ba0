#include "client/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* pipe(7): so much can be written without blocking, if poll() says that one may write. */
enum { CHUNK = PIPE_BUF };

/* One of its outputs on the way to ours. */
struct stream {
    int in_fd; /* -1: it is over */
    int out_fd;
    char bytes[CHUNK];
    size_t length, written; /* in `bytes`: to be passed on */
};

enum { STREAMS = 2 };

struct theatre {
    pid_t child;
    int signal_fd;
    sigset_t former_mask;
    struct sigaction former_pipe;
    struct stream streams[STREAMS];
    struct run *run;
    bool ended;
};

/* ---- what it says --------------------------------------------------------------------------- */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static bool is_passing(const struct stream *stream)
{
    return stream->written < stream->length;
}

/* Our own reader is gone: so is that of the command, which learns it as usual. */
static void pass_on(struct stream *stream)
{
    ssize_t written =
        write(stream->out_fd, stream->bytes + stream->written, stream->length - stream->written);
    if (written > 0) {
        stream->written += (size_t)written;
        return;
    }
    if (written < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    stream->length = stream->written = 0;
    close_fd(&stream->in_fd);
}

/* Up to `most` bytes; true if there was something. */
static bool take(struct stream *stream, size_t most, struct tail *tail)
{
    ssize_t got = read(stream->in_fd, stream->bytes, most < CHUNK ? most : CHUNK);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        close_fd(&stream->in_fd);
        return false;
    }
    stream->length = (size_t)got;
    stream->written = 0;
    tail_add(tail, stream->bytes, stream->length);
    return true;
}

/* Our own outputs may be such as do not block. */
static void pass_all_on(struct stream *stream)
{
    while (is_passing(stream)) {
        poll(&(struct pollfd){ .fd = stream->out_fd, .events = POLLOUT }, 1, -1);
        pass_on(stream);
    }
}

/* pipe(7): how many bytes are in the pipe now. */
static size_t measure(const struct stream *stream)
{
    int bytes = 0;
    return ioctl(stream->in_fd, FIONREAD, &bytes) == 0 ? (size_t)bytes : 0;
}

/* So much and no more: what it left in the background may write faster than we can pass on. */
static void drain(struct stream *stream, size_t left, struct tail *tail)
{
    pass_all_on(stream);
    while (left > 0 && take(stream, left, tail)) {
        left -= stream->length;
        pass_all_on(stream);
    }
}

/* ---- what happens to it --------------------------------------------------------------------- */

static void note_end(struct theatre *theatre, int status)
{
    struct run *run = theatre->run;
    theatre->ended = true;
    run->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    run->status = run->signal ? RUN_SIGNALLED + run->signal : WEXITSTATUS(status);
}

/* What the terminal sends goes to the command as well: handed on, it would come twice. */
static bool is_for_us_alone(const struct signalfd_siginfo *info)
{
    return info->ssi_code != SI_KERNEL;
}

static void take_signal(struct theatre *theatre)
{
    struct signalfd_siginfo info;
    int status = 0;
    if (read(theatre->signal_fd, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo != SIGCHLD && is_for_us_alone(&info))
        kill(theatre->child, (int)info.ssi_signo);
    if (waitpid(theatre->child, &status, WNOHANG) == theatre->child)
        note_end(theatre, status);
}

static void play_scene(struct theatre *theatre)
{
    struct pollfd fds[1 + STREAMS] = { { .fd = theatre->signal_fd, .events = POLLIN } };
    for (size_t i = 0; i < STREAMS; i++) {
        const struct stream *stream = &theatre->streams[i];
        bool passing = is_passing(stream);
        fds[1 + i] = (struct pollfd){ .fd = passing ? stream->out_fd : stream->in_fd,
                                      .events = passing ? POLLOUT : POLLIN };
    }
    if (poll(fds, 1 + STREAMS, -1) < 0)
        return;
    for (size_t i = 0; i < STREAMS; i++) {
        struct stream *stream = &theatre->streams[i];
        if (fds[1 + i].revents == 0)
            continue;
        if (is_passing(stream))
            pass_on(stream);
        else
            take(stream, CHUNK, &theatre->run->tail);
    }
    if (fds[0].revents)
        take_signal(theatre);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

/* Whose parent has ignored the ends of its children is never told of those of its own. */
static void watch_signals(struct theatre *theatre)
{
    static const int watched[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };
    struct sigaction ignore = { .sa_handler = SIG_IGN }, standard = { .sa_handler = SIG_DFL };
    sigset_t mask;
    sigemptyset(&mask);
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        sigaddset(&mask, watched[i]);
    sigprocmask(SIG_BLOCK, &mask, &theatre->former_mask);
    sigaction(SIGPIPE, &ignore, &theatre->former_pipe);
    sigaction(SIGCHLD, &standard, NULL);
    theatre->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC);
}

/* It gets the signals as we had them, but for SIGCHLD. */
static void set_signals(const struct theatre *theatre, posix_spawnattr_t *attributes)
{
    sigset_t standard;
    sigemptyset(&standard);
    if (theatre->former_pipe.sa_handler == SIG_DFL)
        sigaddset(&standard, SIGPIPE);
    posix_spawnattr_setsigdefault(attributes, &standard);
    posix_spawnattr_setsigmask(attributes, &theatre->former_mask);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

/* 0 or an errno. */
static int spawn(struct theatre *theatre, const char *const *words, const int *out_fds)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, out_fds[0], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, out_fds[1], STDERR_FILENO);
    set_signals(theatre, &attributes);
    int problem = posix_spawnp(&theatre->child, words[0], &files, &attributes,
                               (char *const *)(uintptr_t)words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return problem;
}

/* Its outputs are pipes whose other ends are ours. 0 or an errno. */
static int launch(struct theatre *theatre, const char *const *words)
{
    int out_fds[STREAMS] = { -1, -1 }, problem = 0;
    for (size_t i = 0; i < STREAMS && !problem; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            problem = errno;
            break;
        }
        theatre->streams[i].in_fd = ends[0];
        out_fds[i] = ends[1];
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
    if (!problem)
        problem = spawn(theatre, words, out_fds);
    for (size_t i = 0; i < STREAMS; i++)
        close_fd(&out_fds[i]);
    return problem;
}

static void play(struct theatre *theatre)
{
    size_t left[STREAMS]; /* of what was written before the end */
    while (!theatre->ended)
        play_scene(theatre);
    for (size_t i = 0; i < STREAMS; i++)
        left[i] = measure(&theatre->streams[i]);
    for (size_t i = 0; i < STREAMS; i++)
        drain(&theatre->streams[i], left[i], &theatre->run->tail);
}

void run_command(const char *const *words, struct run *run)
{
    *run = (struct run){ .status = 0 };
    struct theatre theatre = {
        .signal_fd = -1,
        .streams = { { .in_fd = -1, .out_fd = STDOUT_FILENO },
                     { .in_fd = -1, .out_fd = STDERR_FILENO } },
        .run = run,
    };
    msec_t began_at = clock_now(&clock_system).steady_at;
    watch_signals(&theatre);
    run->error = launch(&theatre, words);
    if (run->error)
        run->status = run->error == ENOENT ? RUN_NOT_FOUND : RUN_CANNOT_RUN;
    else
        play(&theatre);
    run->lasted_ms = clock_now(&clock_system).steady_at - began_at;
    for (size_t i = 0; i < STREAMS; i++)
        close_fd(&theatre.streams[i].in_fd);
    close_fd(&theatre.signal_fd);
    sigprocmask(SIG_SETMASK, &theatre.former_mask, NULL);
}

void run_clear(struct run *run)
{
    tail_clear(&run->tail);
}
