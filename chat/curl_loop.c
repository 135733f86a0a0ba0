#include "chat/curl_loop.h"

#include "base/memory.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <unistd.h>

struct curl_loop {
    struct event_base *events;
    CURLM *multi;
    struct event timer;
    struct watch **watches; /* by file descriptor, NULL for none */
    size_t watch_capacity;
    curl_finished *finished;
    void *context;
};

/*
 * A socket that libcurl waits for. With each answer it loses interest in the
 * connection, and takes it again with the next request: so a connection stays
 * watched in between, until something happens on it or it is closed. That
 * spares every request two system calls.
 */
struct watch {
    struct event event;
    struct curl_loop *loop;
    int what;           /* CURL_POLL_...; 0: not watched */
    bool is_wanted;     /* libcurl waits for it */
    bool is_connection; /* curl_loop_close() will be called for it */
};

/* With arguments of ours these calls fail for want of memory only, and that ends the program. */
static void insist(CURLMcode result)
{
    if (result != CURLM_OK)
        abort();
}

static void collect_finished(struct curl_loop *loop)
{
    const CURLMsg *message = NULL;
    int more = 0;
    while ((message = curl_multi_info_read(loop->multi, &more))) {
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result;
        insist(curl_multi_remove_handle(loop->multi, easy));
        loop->finished(loop->context, easy, result);
    }
}

static void act(struct curl_loop *loop, curl_socket_t fd, int ready)
{
    int running = 0;
    insist(curl_multi_socket_action(loop->multi, fd, ready, &running));
    collect_finished(loop);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    act(context, CURL_SOCKET_TIMEOUT, 0);
}

static void end_watch(struct watch *watch)
{
    if (watch->what)
        event_del(&watch->event);
    watch->what = 0;
}

/* The watch may be gone when act() returns. */
static void on_socket(evutil_socket_t fd, short what, void *context)
{
    struct watch *watch = context;
    int ready = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
    if (watch->is_wanted)
        act(watch->loop, fd, ready);
    else
        end_watch(watch);
}

static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
    (void)multi;
    struct curl_loop *loop = context;
    if (timeout_ms < 0) {
        event_del(&loop->timer);
        return 0;
    }
    struct timeval timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };
    event_add(&loop->timer, &timeout);
    return 0;
}

static void make_room_for(struct curl_loop *loop, size_t fd)
{
    if (fd < loop->watch_capacity)
        return;
    size_t capacity = 2 * (fd + 1);
    loop->watches = xreallocarray(loop->watches, capacity, sizeof(struct watch *));
    for (size_t i = loop->watch_capacity; i < capacity; i++)
        loop->watches[i] = NULL;
    loop->watch_capacity = capacity;
}

/* The socket's, made if there is none. */
static struct watch *watch_of(struct curl_loop *loop, curl_socket_t fd)
{
    make_room_for(loop, (size_t)fd);
    struct watch **watch = &loop->watches[fd];
    if (!*watch) {
        *watch = xcalloc(1, sizeof **watch);
        (*watch)->loop = loop;
    }
    return *watch;
}

static void forget(struct curl_loop *loop, curl_socket_t fd)
{
    if ((size_t)fd >= loop->watch_capacity || !loop->watches[fd])
        return;
    end_watch(loop->watches[fd]);
    free(loop->watches[fd]);
    loop->watches[fd] = NULL;
}

static void begin_watch(struct watch *watch, curl_socket_t fd, int what)
{
    int interest = (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0);
    event_assign(&watch->event, watch->loop->events, fd, (short)(interest | EV_PERSIST), on_socket,
                 watch);
    event_add(&watch->event, NULL);
    watch->what = what;
}

static int set_watch(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context)
{
    (void)easy;
    (void)socket_context;
    struct curl_loop *loop = context;
    struct watch *watch = watch_of(loop, fd);
    watch->is_wanted = what != CURL_POLL_REMOVE;
    if (watch->is_wanted && watch->what != what) {
        end_watch(watch);
        begin_watch(watch, fd, what);
    }
    if (!watch->is_wanted && !watch->is_connection)
        forget(loop, fd); /* the resolver's: it closes them without a word */
    return 0;
}

void curl_loop_opened(struct curl_loop *loop, curl_socket_t fd)
{
    forget(loop, fd);
    watch_of(loop, fd)->is_connection = true;
}

int curl_loop_close(void *loop, curl_socket_t fd)
{
    forget(loop, fd);
    return close(fd);
}

struct curl_loop *curl_loop_new(struct event_base *events, long kept_connections,
                                curl_finished *finished, void *context, struct error *err)
{
    CURLM *multi = curl_multi_init();
    if (!multi) {
        error_set(err, "libcurl could not be started");
        return NULL;
    }

    struct curl_loop *loop = xcalloc(1, sizeof *loop);
    *loop = (struct curl_loop){
        .events = events, .multi = multi, .finished = finished, .context = context
    };
    event_assign(&loop->timer, events, -1, 0, on_timer, loop);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, set_watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, loop);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, loop);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kept_connections);
    return loop;
}

void curl_loop_free(struct curl_loop *loop)
{
    if (!loop)
        return;
    curl_multi_cleanup(loop->multi);
    event_del(&loop->timer);
    for (size_t i = 0; i < loop->watch_capacity; i++)
        forget(loop, (curl_socket_t)i);
    free(loop->watches);
    free(loop);
}

void curl_loop_add(struct curl_loop *loop, CURL *easy)
{
    insist(curl_multi_add_handle(loop->multi, easy));
}

void curl_loop_remove(struct curl_loop *loop, CURL *easy)
{
    insist(curl_multi_remove_handle(loop->multi, easy));
}
