#include "daemon/needs.h"

#include "base/instant.h"
#include "base/memory.h"
#include "daemon/loss_note.h"
#include "daemon/thread_view.h"
#include "daemon/token_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MOST_THREADS = 20,   /* that are named */
    MOST_SENDERS = 20,   /* likewise */
    ENOUGH_FAILURES = 5, /* of the outbox: it does not come back by itself */
};

static void add_trouble(struct text *text, const struct scope_record *trouble)
{
    char since[INSTANT_LONGEST_TEXT];
    instant_say_time(trouble->since_at, since);
    text_printf(text, " since %s", since);
    if (trouble->detail[0])
        text_printf(text, " (%s)", trouble->detail);
}

static const char *words_of(const struct diagnosis *diagnosis)
{
    switch (diagnosis->cause) {
    case CAUSE_NO_THREAD:
        return "is not in the settings any more";
    case CAUSE_ENDPOINT:
        return "cannot be reached";
    case CAUSE_SENDER:
        return "does not take our access token, or there is none";
    case CAUSE_THREAD:
        return diagnosis->trouble && !scope_refuses(diagnosis->trouble) ? "gives no good answer"
                                                                        : "refuses us";
    case CAUSE_PAUSED:
    case CAUSE_DOUBT:
    case CAUSE_PACE:
    case CAUSE_UNDER_WAY:
    case CAUSE_BUSY:
    case CAUSE_NOTHING:
        break;
    }
    return "needs a look";
}

/* "db refuses us since 01:10 UTC (403 Forbidden): 14 messages wait" */
static void add_thread(struct text *text, const struct desk *desk, const struct thread_view *view)
{
    CLEANUP(free_memory) char *name = NULL;
    outbox_thread_name(desk->floor->outbox, view->number, &name);
    text_printf(text, "%s %s", name ? name : "?", words_of(&view->diagnosis));
    if (view->diagnosis.trouble)
        add_trouble(text, view->diagnosis.trouble);
    text_printf(text, ": %" PRId64 " message%s wait%s\n", view->pending,
                view->pending == 1 ? "" : "s", view->pending == 1 ? "s" : "");
}

static void add_threads(struct text *text, struct desk *desk)
{
    const struct asker ourselves = { .uid = geteuid() };
    size_t count = 0, bad = 0;
    int64_t *numbers = thread_view_numbers(desk, &ourselves, &count);
    for (size_t i = 0; i < count; i++) {
        struct thread_view view = thread_view_of(desk, &ourselves, numbers[i]);
        if (view.level == LEVEL_ACT && bad++ < MOST_THREADS)
            add_thread(text, desk, &view);
    }
    if (bad > MOST_THREADS)
        text_printf(text, "and %zu threads more\n", bad - MOST_THREADS);
    free(numbers);
}

static void add_losses(struct text *text, const struct loss_note *losses)
{
    int64_t count = losses->lost - losses->told;
    if (count > 0)
        text_printf(text,
                    "%" PRId64 " message%s lost (dead or expired), the latest is %" PRId64 "\n",
                    count, count == 1 ? " was" : "s were", losses->latest_id);
}

/* Those that may mend themselves are told beside others, but nobody is called for them alone. */
static void add_tokens(struct text *text, const struct desk *desk)
{
    CLEANUP(text_clear) struct text tokens = { 0 };
    if (token_view_say_needs(desk, MOST_SENDERS, &tokens) ||
        (text->length > 0 && tokens.length > 0))
        text_add(text, tokens.bytes);
}

void needs_say(struct desk *desk, struct text *text, int64_t *lost)
{
    if (!desk->has_room)
        text_add(text, "the file system of the outbox is nearly full: nothing is taken in\n");
    if (desk->floor->unwritten >= ENOUGH_FAILURES)
        text_printf(text, "the outbox cannot be %s: nothing is taken in or sent\n",
                    desk->floor->outbox ? "written" : "opened");
    if (!desk->floor->outbox)
        return;
    const struct loss_note losses = loss_note_read(desk->floor->outbox);
    *lost = losses.lost;
    add_threads(text, desk);
    add_losses(text, &losses);
    add_tokens(text, desk);
}
