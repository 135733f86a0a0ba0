#include "chat/curl_loop.h"

#include "base/memory.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>

struct curl_loop {
    struct event_base *events;
    CURLM *multi;
    struct event timer;
    curl_finished *finished;
    void *context;
};

/* A socket that libcurl waits for. */
struct watch {
    struct event event;
    struct curl_loop *loop;
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

/* The watch may be gone when act() returns. */
static void on_socket(evutil_socket_t fd, short what, void *context)
{
    const struct watch *watch = context;
    int ready = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
    act(watch->loop, fd, ready);
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

static void unwatch(struct curl_loop *loop, curl_socket_t fd, struct watch *watch)
{
    if (!watch)
        return;
    event_del(&watch->event);
    curl_multi_assign(loop->multi, fd, NULL);
    free(watch);
}

static struct watch *watch_new(struct curl_loop *loop, curl_socket_t fd)
{
    struct watch *watch = xcalloc(1, sizeof *watch);
    watch->loop = loop;
    insist(curl_multi_assign(loop->multi, fd, watch));
    return watch;
}

static int set_watch(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context)
{
    (void)easy;
    struct curl_loop *loop = context;
    struct watch *watch = socket_context;
    if (what == CURL_POLL_REMOVE) {
        unwatch(loop, fd, watch);
        return 0;
    }

    if (watch)
        event_del(&watch->event);
    else
        watch = watch_new(loop, fd);
    int interest = (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0);
    event_assign(&watch->event, loop->events, fd, (short)(interest | EV_PERSIST), on_socket, watch);
    event_add(&watch->event, NULL);
    return 0;
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
