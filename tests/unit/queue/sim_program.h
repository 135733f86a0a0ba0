/*
 * sim_program.h - what happens in one run of the simulation
 *
 * A scene, and events in the order of their times: all of it follows from a
 * seed. A program that fails is made shorter by dropping events.
 *
 * Thread 0 is the innocent one: with a place, an endpoint and a sender of its
 * own, where nothing ever goes wrong. Others' troubles must not reach it.
 */
#ifndef CHATRELAY_TESTS_UNIT_QUEUE_SIM_PROGRAM_H
#define CHATRELAY_TESTS_UNIT_QUEUE_SIM_PROGRAM_H

#include "queue/digest.h"
#include "queue/message.h"
#include "queue/pacer.h"
#include "queue/route.h"
#include "tests/fakes/random.h"

#include <stdio.h>

enum { SIM_THREADS = 6, SIM_PLACES = 6, SIM_ENDPOINTS = 4, SIM_SENDERS = 4 };
enum { SIM_MOST_EVENTS = 80, SIM_SETTLE_MS = 10000, SIM_TIMEOUT_MS = 30000 };

/* Where a thread of the settings leads. */
struct sim_route {
    bool removed;
    int place, sender;
    enum on_doubt on_doubt;
};

struct sim_scene {
    size_t threads;
    struct sim_route routes[SIM_THREADS];
    int endpoint_of[SIM_PLACES];
    struct pacer_limits limits; /* of every thread, by the service and by us */
    struct digest_rule digest;  /* likewise */
    msec_t shortest_trip_ms, longest_trip_ms;
    msec_t clock_ahead_ms; /* the service's clock, before ours */
    int lost_percent;      /* of answers, in any weather */
    int poison_percent;    /* of messages that the chat will never take */
};

enum sim_event_kind {
    EVENT_SEND,         /* `count` messages to `target`; `ttl_ms`, `delay_ms`, `fold` */
    EVENT_SPELL,        /* bad weather of kind `detail` at `target` for `lasts_ms` */
    EVENT_CRASH,        /* of kind `detail`; away for `lasts_ms`; the clock as for EVENT_CLOCK */
    EVENT_REMOVE,       /* thread `target` from the settings, or back into them */
    EVENT_MOVE,         /* thread `target` leads to place `detail` */
    EVENT_OTHER_SENDER, /* thread `target` is written to by sender `detail` */
    EVENT_PACE,         /* our own pace is `detail` percent of what the service allows */
    EVENT_PAUSE,        /* thread `target` for `lasts_ms` */
    EVENT_FLUSH,        /* all threads */
    EVENT_HOLD,         /* some waiting messages of thread `target` */
    EVENT_RELEASE,      /* all that are held */
    EVENT_CANCEL,       /* likewise */
    EVENT_RETRY,        /* some of thread `target` that were lost */
    EVENT_EDIT,         /* some messages of thread `target`, wherever they are */
    EVENT_UNSEND,       /* likewise taken back */
    EVENT_CLOCK,        /* our wall clock is set by `set_ms`, which may be negative */
};
enum { SIM_EVENT_KINDS = 16 };

enum sim_spell_kind {
    SPELL_DOWN,      /* an endpoint: no connection */
    SPELL_HANG,      /* an endpoint: requests or answers are lost, or late */
    SPELL_ERROR,     /* an endpoint: 5xx, before or after storing */
    SPELL_GATEWAY,   /* an endpoint: a definite no that is not the chat's */
    SPELL_FORBIDDEN, /* a place: 403 */
    SPELL_UNCLEAR,   /* a place: 400 */
    SPELL_THROTTLED, /* a place: 429, with or without Retry-After */
    SPELL_TOKEN,     /* a sender: 401, or no token to be had */
    SPELL_STRANGER,  /* a sender: 403, wherever others may write */
};
enum { SIM_SPELL_KINDS = 9 };

enum sim_crash_kind {
    CRASH_BETWEEN_TURNS, /* after the requests left */
    CRASH_AFTER_COMMIT,  /* before they left */
    CRASH_COMMIT_UNDONE, /* storage failures: the queue floor is opened anew */
    CRASH_COMMIT_GONE,
    CRASH_COMMIT_KEPT,
    CRASH_CHANGE,
    CRASH_READ,
};
enum { SIM_CRASH_KINDS = 7 };

struct sim_event {
    msec_t at_ms; /* since the beginning, on the steady clock */
    enum sim_event_kind kind;
    int target;
    int detail;
    int count;
    enum priority priority;
    msec_t lasts_ms, ttl_ms, delay_ms, set_ms;
    int fold; /* the number of a fold name, which every other one has; 0 for none */
};

struct sim_program {
    uint64_t seed;
    struct sim_scene scene;
    struct sim_event events[SIM_MOST_EVENTS];
    size_t count;
};

void sim_program_make(struct sim_program *program, uint64_t seed);

void sim_program_print(const struct sim_program *program, FILE *file);

#endif
