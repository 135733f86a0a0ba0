#include "setup/greeting.h"

#include "base/memory.h"
#include "setup/see.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A message may take so long to be shown by lists: the default of the setting `settle`. */
enum { SETTLE_MS = 10 * 1000, FIRST_WAIT_MS = 100, LONGEST_WAIT_MS = 2000 };

/* Until the message is shown, or would be by now. */
static enum status await(struct setup *setup, struct speaker *speaker, const char *thread,
                         const char *stamp, struct shown *shown)
{
    msec_t wait_ms = FIRST_WAIT_MS, waited_ms = 0;
    for (;;) {
        enum status status = member_find(&speaker->member, thread, stamp, shown, &setup->err);
        if (status != STATUS_NOT_FOUND || waited_ms >= SETTLE_MS)
            return status;
        web_wait(setup->web, wait_ms);
        waited_ms += wait_ms;
        wait_ms = msec_min(2 * wait_ms, LONGEST_WAIT_MS);
    }
}

static enum status post(struct setup *setup, struct speaker *speaker, const char *thread,
                        const char *stamp)
{
    char host[256] = "this machine";
    gethostname(host, sizeof host - 1);
    const char *said = setup->options->display_name;
    const char *name = said ? said : speaker->display_name ? speaker->display_name : host;
    CLEANUP(free_memory)
    char *content = xasprintf("chatrelay is set up on %s: its scripts can speak here now.", host);
    CLEANUP(free_memory) char *display_name = xstrdup(name);
    struct message message = { .content = content,
                               .content_bytes = strlen(content),
                               .display_name = display_name,
                               .type = MESSAGE_TEXT };
    snprintf(message.stamp, sizeof message.stamp, "%s", stamp);
    return member_post(&speaker->member, thread, &message, &setup->err);
}

/* Once: an earlier run may have done it, and may not have lived to see it. */
static enum status say(struct setup *setup, struct speaker *speaker, const char *goal,
                       const char *thread, struct shown *shown)
{
    CLEANUP(free_memory) char *stamp = xstrdup(plan_get(setup->plan, goal, "stamp"));
    bool was_said = plan_get(setup->plan, goal, "said") != NULL;
    enum status status = STATUS_NOT_FOUND;
    if (was_said)
        status = await(setup, speaker, thread, stamp, shown);
    if (status != STATUS_NOT_FOUND)
        return status;
    if (!plan_note(setup->plan, goal, "said", "yes", &setup->err))
        return STATUS_DENIED;
    status = post(setup, speaker, thread, stamp);
    return status == STATUS_DONE ? await(setup, speaker, thread, stamp, shown) : status;
}

enum status greeting_say(struct setup *setup, const char *name, struct speaker *speaker)
{
    CLEANUP(free_memory) char *goal = xasprintf("thread %s", name);
    CLEANUP(shown_clear) struct shown shown = { 0 };
    const char *thread = own_settings_get(&setup->own, goal, "id");
    enum status status = say(setup, speaker, goal, thread, &shown);
    if (status != STATUS_DONE) {
        error_prefix(&setup->err, "the thread is made, but its first message");
        return status;
    }
    see_print(setup, name, &shown);
    return plan_reached(setup->plan, goal, &setup->err) ? STATUS_DONE : STATUS_DENIED;
}
