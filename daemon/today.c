#include "daemon/today.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Its text is "DATE NUMBER". */
static const char note_name[] = "sent_before_today";

static int64_t sent_ever(const struct outbox *outbox)
{
    return tally_sum(outbox_tally(outbox), TALLY_ANY, TALLY_ANY, MESSAGE_SENT).messages;
}

/* What an earlier run has noted, if that was today. */
static bool recall(struct today *today, struct outbox *outbox)
{
    char *note CLEANUP(free_memory) = outbox_note(outbox, note_name);
    size_t length = strlen(today->date);
    if (!note || strncmp(note, today->date, length) != 0 || note[length] != ' ')
        return false;
    today->sent_before = strtoll(note + length + 1, NULL, 10);
    return true;
}

void today_begin(struct today *today, struct outbox *outbox, msec_t now_at)
{
    enum { LOOK_EVERY_MS = 1000 };
    char date[sizeof today->date] = "";
    struct tm local = { 0 };
    time_t seconds = (time_t)(now_at / 1000);
    if (now_at >= today->looked_at && now_at - today->looked_at < LOOK_EVERY_MS)
        return;
    today->looked_at = now_at;
    localtime_r(&seconds, &local);
    strftime(date, sizeof date, "%Y-%m-%d", &local);
    if (strcmp(date, today->date) == 0)
        return;
    memcpy(today->date, date, sizeof date);
    if (recall(today, outbox))
        return;
    today->sent_before = sent_ever(outbox);
    char *note CLEANUP(free_memory) = xasprintf("%s %" PRId64, date, today->sent_before);
    outbox_set_note(outbox, note_name, note);
}

int64_t today_sent(const struct today *today, const struct outbox *outbox)
{
    int64_t sent = sent_ever(outbox) - today->sent_before;
    return sent > 0 ? sent : 0;
}
