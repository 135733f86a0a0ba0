/*
 * What `systemctl status` shows: the same words as `chatrelay status`.
 */
#include "base/memory.h"
#include "daemon/overview.h"
#include "daemon/relay_state.h"
#include "daemon/supervisor.h"
#include "wire/headline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TELL_EVERY_MS = 1000 };

static void add_status(struct relay *relay, struct text *line, struct moment now)
{
    /* The relay's own user sees everything. */
    const struct asker ourselves = { .uid = geteuid() };
    if (!relay->floor->outbox) {
        text_add(line, "ACT: the outbox cannot be used, nothing is taken in: see the journal");
        return;
    }
    json_t *status = overview_of(&relay->desk, &ourselves);
    headline_add(line, status, now.at);
    json_decref(status);
}

msec_t relay_tell_status(struct relay *relay, struct moment now)
{
    CLEANUP(text_clear) struct text line = { 0 };
    msec_t since_ms = now.steady_at - relay->told_steady_at;
    if (!supervisor_is_there() || relay->stopping)
        return MSEC_NEVER;
    if (relay->status && since_ms < TELL_EVERY_MS)
        return TELL_EVERY_MS - since_ms;
    add_status(relay, &line, now);
    relay->told_steady_at = now.steady_at;
    bool is_news = !relay->status || strcmp(relay->status, line.bytes) != 0;
    if (!is_news)
        return MSEC_NEVER; /* the next turn looks again */
    supervisor_status("%s", line.bytes);
    free(relay->status);
    relay->status = xstrdup(line.bytes);
    return TELL_EVERY_MS;
}
