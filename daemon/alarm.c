#include "daemon/alarm.h"

#include "base/memory.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct alarm {
    struct event *timer;
    struct event *clock_set; /* readable when the wall clock was set */
    int clock_fd;
};

enum { FOREVER_SECONDS = 365 * 24 * 60 * 60 };

/* The loop's own timer; that it ended the wait is all that it is for. */
static void on_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what, (void)context;
}

/* timerfd_create(2): a timer that is cancelled when the clock is set discontinuously. */
static void watch_clock(const struct alarm *alarm)
{
    struct itimerspec far = { 0 };
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    far.it_value.tv_sec = now.tv_sec + FOREVER_SECONDS;
    timerfd_settime(alarm->clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

static void on_clock_set(evutil_socket_t fd, short what, void *context)
{
    uint64_t expirations;
    (void)what;
    if (read(fd, &expirations, sizeof expirations) < 0 && errno == EAGAIN)
        return;
    watch_clock(context);
}

struct alarm *alarm_new(struct event_base *loop)
{
    struct alarm *alarm = xcalloc(1, sizeof *alarm);
    alarm->timer = evtimer_new(loop, on_timer, alarm);
    alarm->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (alarm->clock_fd >= 0) {
        watch_clock(alarm);
        alarm->clock_set =
            event_new(loop, alarm->clock_fd, EV_READ | EV_PERSIST, on_clock_set, alarm);
        event_add(alarm->clock_set, NULL);
    }
    return alarm;
}

void alarm_free(struct alarm *alarm)
{
    if (!alarm)
        return;
    event_free(alarm->timer);
    if (alarm->clock_set)
        event_free(alarm->clock_set);
    if (alarm->clock_fd >= 0)
        close(alarm->clock_fd);
    free(alarm);
}

void alarm_set(struct alarm *alarm, msec_t wait_ms)
{
    if (wait_ms == MSEC_NEVER) {
        evtimer_del(alarm->timer);
        return;
    }
    msec_t longest_ms = (msec_t)FOREVER_SECONDS * 1000;
    msec_t bounded_ms = msec_min(wait_ms, longest_ms);
    struct timeval wait = { .tv_sec = bounded_ms / 1000, .tv_usec = bounded_ms % 1000 * 1000 };
    evtimer_add(alarm->timer, &wait);
}
