#include "queue/pacer.h"

#include "base/memory.h"

#include <stdlib.h>

static msec_t *end_of(const struct pacer_history *history, size_t number)
{
    return &history->ended_steady_at[number % history->capacity];
}

/* Make room for so many ends. A ring never shrinks: wider limits may come back. */
static void reserve(struct pacer_history *history, size_t capacity)
{
    if (history->capacity >= capacity)
        return;
    msec_t *ends = xcalloc(capacity, sizeof *ends);
    size_t kept = history->count < history->capacity ? history->count : history->capacity;
    for (size_t i = 0; i < kept; i++)
        ends[i] = *end_of(history, history->count - kept + i);
    free(history->ended_steady_at);
    history->ended_steady_at = ends;
    history->capacity = capacity;
    history->count = kept;
}

/* Of four windows and a fifth, one that keeps within both it stands for. */
static void tighten(struct pace *pace, const struct pace *other)
{
    *pace = (struct pace){ msec_min(pace->sends, other->sends),
                           msec_max(pace->window_ms, other->window_ms) };
}

static void add_pace(struct pacer_limits *limits, const struct pace *pace)
{
    for (size_t i = 0; i < limits->pace_count; i++)
        if (limits->paces[i].window_ms == pace->window_ms) {
            tighten(&limits->paces[i], pace);
            return;
        }
    if (limits->pace_count < PACER_MOST_PACES)
        limits->paces[limits->pace_count++] = *pace;
    else
        tighten(&limits->paces[PACER_MOST_PACES - 1], pace);
}

void pacer_limits_unite(struct pacer_limits *limits, const struct pacer_limits *others)
{
    for (size_t i = 0; i < others->pace_count; i++)
        add_pace(limits, &others->paces[i]);
    if (others->urgent_percent > limits->urgent_percent)
        limits->urgent_percent = others->urgent_percent;
}

/* Ends are remembered beyond the limits of today: a reload may bring wider ones. */
enum { LEAST_CAPACITY = 100 };

void pacer_limit(struct pacer *pacer, const struct pacer_limits *limits)
{
    size_t capacity = LEAST_CAPACITY;
    for (size_t i = 0; i < limits->pace_count; i++)
        if ((size_t)limits->paces[i].sends > capacity)
            capacity = (size_t)limits->paces[i].sends;
    reserve(&pacer->all, capacity);
    reserve(&pacer->others, capacity);
    pacer->limits = *limits;
}

void pacer_clear(struct pacer *pacer)
{
    free(pacer->all.ended_steady_at);
    free(pacer->others.ended_steady_at);
    *pacer = (struct pacer){ 0 };
}

/* Put an end in its place. One that is older than all of a full ring changes nothing. */
static void remember(struct pacer_history *history, msec_t ended_steady_at)
{
    size_t number = history->count;
    bool full = number >= history->capacity;
    size_t oldest = full ? number - history->capacity + 1 : 0; /* of those that stay */
    if (full && *end_of(history, oldest - 1) >= ended_steady_at)
        return;
    for (history->count++; number > oldest && *end_of(history, number - 1) > ended_steady_at;
         number--)
        *end_of(history, number) = *end_of(history, number - 1);
    *end_of(history, number) = ended_steady_at;
}

void pacer_begin(struct pacer *pacer, bool urgent)
{
    pacer->all.under_way++;
    if (!urgent)
        pacer->others.under_way++;
}

void pacer_end(struct pacer *pacer, bool urgent, msec_t ended_steady_at)
{
    pacer->all.under_way--;
    remember(&pacer->all, ended_steady_at);
    if (urgent)
        return;
    pacer->others.under_way--;
    remember(&pacer->others, ended_steady_at);
}

void pacer_seed(struct pacer *pacer, msec_t ended_steady_at)
{
    remember(&pacer->all, ended_steady_at);
    remember(&pacer->others, ended_steady_at);
}

/* An end is read from a clock that cuts off: really it was up to so much later. */
enum { ROUNDING_MS = 1 };

static msec_t opens_at(const struct pacer_history *history, const struct pace *pace)
{
    if (history->under_way >= pace->sends)
        return MSEC_NEVER;

    /* Of the latest ends, as many as fill the window together with what is under way. */
    size_t filling = (size_t)(pace->sends - history->under_way);
    if (history->count < filling)
        return 0;
    return *end_of(history, history->count - filling) + pace->window_ms + ROUNDING_MS;
}

/* What is left of a pace for messages that are not urgent. */
static struct pace without_urgent_share(const struct pace *pace, int urgent_percent)
{
    int64_t sends = pace->sends * (100 - urgent_percent) / 100;
    if (sends < 1)
        sends = 1;
    return (struct pace){ sends, pace->window_ms * sends / pace->sends };
}

/* A pace slowed down to so many percent: fewer sends, rounded up, and as much longer a window. */
static struct pace slowed(const struct pace *pace, int64_t percent)
{
    int64_t sends = (pace->sends * percent + 99) / 100;
    return (struct pace){ sends, pace->window_ms * sends * 100 / (pace->sends * percent) };
}

msec_t pacer_opens_steady_at(const struct pacer *pacer, bool urgent)
{
    const struct pacer_limits *limits = &pacer->limits;
    msec_t latest_at = 0;
    for (size_t i = 0; i < limits->pace_count; i++) {
        struct pace pace = slowed(&limits->paces[i], limits->pace_percent);
        latest_at = msec_max(latest_at, opens_at(&pacer->all, &pace));
        if (urgent || limits->urgent_percent == 0)
            continue;
        struct pace rest = without_urgent_share(&pace, limits->urgent_percent);
        latest_at = msec_max(latest_at, opens_at(&pacer->others, &rest));
    }
    return latest_at;
}

struct pace pacer_rule(const struct pacer_limits *limits)
{
    struct pace rule = { 1, 0 };
    for (size_t i = 0; i < limits->pace_count; i++) {
        struct pace pace = slowed(&limits->paces[i], limits->pace_percent);
        if (pace.window_ms * rule.sends > rule.window_ms * pace.sends)
            rule = pace;
    }
    return rule;
}

msec_t pacer_longest_window_ms(const struct pacer_limits *limits)
{
    msec_t longest_ms = 0;
    for (size_t i = 0; i < limits->pace_count; i++)
        longest_ms = msec_max(longest_ms, limits->paces[i].window_ms);
    return longest_ms * 100 / (limits->pace_percent > 0 ? limits->pace_percent : 100);
}
