#include "queue/eta.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static struct pacer_history copy_of(const struct pacer_history *history)
{
    struct pacer_history copy = *history;
    copy.ended_steady_at = xcalloc(history->capacity, sizeof *copy.ended_steady_at);
    memcpy(copy.ended_steady_at, history->ended_steady_at,
           history->capacity * sizeof *copy.ended_steady_at);
    return copy;
}

/* Play `sends` sends through, then say when the next may leave. */
static msec_t play(const struct pacer *pacer, bool urgent, int64_t sends, msec_t round_trip_ms,
                   msec_t now_steady_at)
{
    struct pacer played = { .limits = pacer->limits,
                            .all = copy_of(&pacer->all),
                            .others = copy_of(&pacer->others) };
    msec_t steady_at = now_steady_at;

    /* What is under way will have ended by about then. */
    while (played.others.under_way > 0)
        pacer_end(&played, false, steady_at + round_trip_ms);
    while (played.all.under_way > 0)
        pacer_end(&played, true, steady_at + round_trip_ms);
    for (int64_t i = 0; i < sends; i++) {
        steady_at = msec_max(steady_at, pacer_opens_steady_at(&played, urgent)) + round_trip_ms;
        pacer_begin(&played, urgent);
        pacer_end(&played, urgent, steady_at);
    }
    steady_at = msec_max(steady_at, pacer_opens_steady_at(&played, urgent));
    pacer_clear(&played);
    return steady_at;
}

msec_t eta_ms(const struct pacer *pacer, bool urgent, int64_t ahead, msec_t round_trip_ms,
              msec_t now_steady_at)
{
    struct pace rule = pacer_rule(&pacer->limits);
    if (rule.window_ms == 0)
        return ahead * round_trip_ms;

    /* Two windows' worth are played; whole windows between them repeat. */
    int64_t windows = ahead / rule.sends - 1;
    if (windows < 0)
        windows = 0;
    msec_t window_ms = rule.window_ms + round_trip_ms;
    msec_t steady_at =
        play(pacer, urgent, ahead - windows * rule.sends, round_trip_ms, now_steady_at);
    return steady_at - now_steady_at + windows * window_ms;
}
