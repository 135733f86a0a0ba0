#include "sandbox/demo.h"

#include "base/memory.h"
#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST_END_MS = 5000, MOST_OPEN_FOLDERS = 8 };

static const char identity_id[] = "8:acs:sandbox_demo";
static const char thread_id[] = "19:ops@thread.v2";

struct demo {
    struct event_base *base;
    char *programs; /* the folder of our own program, where people find the command, too */
    char *relay;    /* chatrelayd */
    char *folder;   /* temporary */
    char *endpoint;
    pid_t pid;           /* of the relay; 0: not started */
    int pidfd;           /* readable when it has ended */
    struct event *ended; /* waits for that */
    bool failed;
};

/* Beside us, as it was built; or where daemons are, when it is installed. */
static bool find_relay(struct demo *demo, struct error *err)
{
    demo->relay = xasprintf("%s/chatrelayd", demo->programs);
    if (access(demo->relay, X_OK) == 0)
        return true;
    CLEANUP(free_memory) char *beside_us = demo->relay;
    demo->relay = xasprintf("%s/../sbin/chatrelayd", demo->programs);
    return access(demo->relay, X_OK) == 0 ||
           error_set(err, "--demo needs %s: %s", beside_us, strerrordesc_np(errno));
}

static bool find_programs(struct demo *demo, struct error *err)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length < 0)
        return error_set(err, "cannot tell where this program is: %s", strerrordesc_np(errno));
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
    demo->programs = xstrdup(path);
    return find_relay(demo, err);
}

static bool make_folder(struct demo *demo, struct error *err)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    const char *base = getenv("TMPDIR");
    char *folder = xasprintf("%s/chatrelay-demo.XXXXXX", base && *base ? base : "/tmp");
    if (mkdtemp(folder)) {
        demo->folder = folder;
        return true;
    }
    error_set(err, "cannot make %s: %s", folder, strerrordesc_np(errno));
    free(folder);
    return false;
}

/* A line, or lines, and the end of the last. */
static bool write_file(const char *path, const char *lines, struct error *err)
{
    CLEANUP(free_memory) char *text = xasprintf("%s\n", lines);
    const struct new_file file = { path, text, strlen(text), 0600, NULL };
    return new_file_write(&file, err);
}

static bool write_token(const struct demo *demo, struct service *service, struct error *err)
{
    const msec_t day_ms = 24LL * 60 * 60 * 1000;
    msec_t expires_at = 0;
    struct identity *identity = store_identity(&service->store, identity_id);
    if (!identity)
        identity = store_add_identity(&service->store, identity_id);
    if (!store_thread(&service->store, thread_id))
        service_say_creation(service, service_add_thread(service, thread_id, "ops", identity));
    thread_join(store_thread(&service->store, thread_id), identity);

    CLEANUP(free_memory) char *path = xasprintf("%s/token", demo->folder);
    CLEANUP(free_memory)
    char *token = service_token(service, identity, "chat", day_ms, &expires_at);
    return write_file(path, token, err);
}

static bool write_settings(const struct demo *demo, struct error *err)
{
    CLEANUP(free_memory) char *path = xasprintf("%s/chatrelay.conf", demo->folder);
    CLEANUP(free_memory)
    char *settings = xasprintf(
        "[relay]\n"
        "socket = %s/socket\n"
        "outbox = %s/outbox\n"
        "\n"
        "[sender demo]\n"
        "endpoint = %s\n"
        "identity = %s\n"
        "token_file = %s/token\n"
        "\n"
        "[thread ops]\n"
        "id = %s",
        demo->folder, demo->folder, demo->endpoint, identity_id, demo->folder, thread_id);
    return write_file(path, settings, err);
}

/* In the child: become the relay. */
static void become_relay(const struct demo *demo, pid_t parent)
{
    CLEANUP(free_memory) char *settings = xasprintf("%s/chatrelay.conf", demo->folder);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    setpgid(0, 0); /* Ctrl-C is for the sandbox, which ends the relay in its turn */
    signal(SIGPIPE, SIG_DFL);
    execl(demo->relay, "chatrelayd", "--config", settings, (char *)NULL);
    _exit(EXIT_FAILURE);
}

static void on_ended(evutil_socket_t fd, short events, void *context)
{
    struct demo *demo = context;
    (void)fd;
    (void)events;
    demo->failed = true;
    event_base_loopbreak(demo->base);
}

static bool start_relay(struct demo *demo, struct error *err)
{
    pid_t parent = getpid();
    demo->pid = fork();
    if (demo->pid == 0)
        become_relay(demo, parent);
    if (demo->pid < 0) {
        demo->pid = 0;
        return error_set(err, "cannot start chatrelayd: %s", strerrordesc_np(errno));
    }
    demo->pidfd = pidfd_open(demo->pid, 0);
    if (demo->pidfd < 0)
        return error_set(err, "cannot watch chatrelayd: %s", strerrordesc_np(errno));
    demo->ended = event_new(demo->base, demo->pidfd, EV_READ, on_ended, demo);
    event_add(demo->ended, NULL);
    return true;
}

struct demo *demo_start(struct event_base *base, struct service *service, const char *endpoint,
                        struct error *err)
{
    struct demo *demo = xcalloc(1, sizeof *demo);
    demo->base = base;
    demo->pidfd = -1;
    demo->endpoint = xstrdup(endpoint);
    if (find_programs(demo, err) && make_folder(demo, err) && write_token(demo, service, err) &&
        write_settings(demo, err) && start_relay(demo, err))
        return demo;
    demo_stop(demo);
    return NULL;
}

void demo_print(const struct demo *demo, FILE *file)
{
    fprintf(file,
            "\n"
            "A relay runs in %s. In another terminal, try:\n"
            "\n"
            "    export CHATRELAY_SOCKET=%s/socket\n"
            "    %s/chatrelay send --to ops \"hello\"\n"
            "    curl %s/sandbox/messages\n"
            "\n"
            "Let the next three sends fail, and see the message arrive all the same, half a\n"
            "minute later (the relay looks for it before each attempt):\n"
            "\n"
            "    curl %s/sandbox/faults -d '{\"op\":\"send\",\"status\":503,\"count\":3}'\n"
            "    %s/chatrelay send --to ops \"through the storm\"\n"
            "\n"
            "Ctrl-C ends both and removes the folder.\n",
            demo->folder, demo->folder, demo->programs, demo->endpoint, demo->endpoint,
            demo->programs);
    fflush(file);
}

bool demo_has_failed(const struct demo *demo)
{
    return demo->failed;
}

static void end_relay(const struct demo *demo)
{
    struct pollfd ended = { .fd = demo->pidfd, .events = POLLIN };
    kill(demo->pid, SIGTERM);
    if (poll(&ended, 1, LONGEST_END_MS) != 1)
        kill(demo->pid, SIGKILL);
    waitpid(demo->pid, NULL, 0);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

void demo_stop(struct demo *demo)
{
    if (!demo)
        return;
    if (demo->ended)
        event_free(demo->ended);
    if (demo->pid > 0)
        end_relay(demo);
    if (demo->pidfd >= 0)
        close(demo->pidfd);
    if (demo->folder) /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
        nftw(demo->folder, remove_one, MOST_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    free(demo->folder);
    free(demo->programs);
    free(demo->relay);
    free(demo->endpoint);
    free(demo);
}
