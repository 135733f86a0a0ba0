#include "daemon/filter.h"

/* Who is asked for; someone who is no operator asks for themselves in any case. */
static bool filter_user(const struct desk *desk, const struct asker *asker,
                        const struct request *request, struct outbox_filter *filter,
                        struct refusal *refusal)
{
    uid_t uid = 0;
    if (request->user && !access_find_user(request->user, &uid))
        return refusal_set(refusal, REFUSAL_INVALID, "user", "there is no user \"%.64s\"",
                           request->user);
    filter->uid = request->user ? (int64_t)uid : -1;
    if (directory_is_operator(desk->directory, asker))
        return true;
    if (request->user && filter->uid != asker->uid)
        return refusal_set(refusal, REFUSAL_DENIED, "user",
                           "only operators may see messages of others (setting operators)");
    filter->uid = asker->uid;
    return true;
}

bool filter_thread(const struct desk *desk, const char *name, int64_t *thread,
                   struct refusal *refusal)
{
    const struct directory_thread *known = directory_find(desk->directory, name);
    if (known) {
        *thread = known->number;
        return true;
    }
    return outbox_find_thread(desk->floor->outbox, name, thread) ||
           directory_refuse_unknown(desk->directory, "thread", name, "thread", refusal);
}

bool filter_make(const struct desk *desk, const struct asker *asker, const struct request *request,
                 struct outbox_filter *filter, struct refusal *refusal)
{
    *filter = (struct outbox_filter){ .thread = -1, .priority = -1 };
    if (request->thread && !filter_thread(desk, request->thread, &filter->thread, refusal))
        return false;
    /* Both enums count from "any" in the request and from the first value here. */
    if (request->state != REQUEST_STATE_ANY)
        filter->states =
            outbox_state_bit((enum message_state)((int)request->state - REQUEST_STATE_SCHEDULED));
    filter->priority = (int)request->priority - REQUEST_PRIORITY_URGENT;
    if (request->older_than_ms >= 0)
        filter->accepted_before = msec_max(desk->now.at - request->older_than_ms, 1);
    return filter_user(desk, asker, request, filter, refusal);
}
