#include "queue/fold.h"

#include "base/instant.h"
#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

bool fold_find(struct outbox *outbox, const struct message *message, struct message *older)
{
    *older = (struct message){ 0 };
    return message->fold && message->state == MESSAGE_PENDING &&
           outbox_find_fold(outbox, message->lane, message->uid, message->fold, older);
}

static void lead_to(struct outbox *outbox, struct message *message, int64_t into_id)
{
    message->into_id = into_id;
    outbox_move(outbox, message, MESSAGE_FOLDED);
}

/* The first of the name, which leads to `latest`; false when that is the first. */
static bool find_first(struct outbox *outbox, const struct message *latest, struct message *first)
{
    int64_t id = 0;
    return outbox_originals(outbox, latest->id, 0, &id, 1) == 1 && outbox_load(outbox, id, first);
}

void fold_add(struct outbox *outbox, struct message *message, struct message *older, msec_t now_at)
{
    CLEANUP(message_clear) struct message first = { 0 };
    message->rank = older->rank;
    /*
     * A backup has the older one alone: where the chat shows this stamp, it is up to date. Of one
     * that was tried the chat may show it already, or yet: that would pass for what replaced it.
     */
    if (older->attempts == 0)
        memcpy(message->stamp, older->stamp, sizeof message->stamp);
    message->fold_count = older->fold_count + 1;
    message->fold_since = older->fold_since ? older->fold_since : older->accepted_at;
    outbox_add(outbox, message);

    older->ended_at = now_at;
    if (find_first(outbox, older, &first)) {
        lead_to(outbox, &first, message->id);
        lead_to(outbox, older, first.id);
    } else {
        lead_to(outbox, older, message->id);
    }
}

char *fold_say(const struct message *message)
{
    char since[INSTANT_LONGEST_TEXT];
    if (message->fold_count == 0)
        return NULL;
    instant_say_time(message->fold_since, since);
    return xasprintf("x%" PRId64 " since %s", message->fold_count + 1, since);
}
