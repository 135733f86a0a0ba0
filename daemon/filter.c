#include "daemon/filter.h"

#include <string.h>

/* Nobody need be asked for that. */
static bool is_own_name(const struct asker *asker, const char *user)
{
    uid_t uid = 0;
    return strcmp(user, asker->user) == 0 || (access_parse_uid(user, &uid) && uid == asker->uid);
}

/* Who is asked for; someone who is no operator asks for themselves in any case. */
static bool filter_user(const struct desk *desk, const struct asker *asker,
                        const struct request *request, struct outbox_filter *filter,
                        struct refusal *refusal)
{
    uid_t uid = asker->uid;
    bool is_operator = directory_is_operator(desk->directory, asker);
    bool is_own = request->user && is_own_name(asker, request->user);
    if (request->user && !is_own && !is_operator)
        return refusal_set(refusal, REFUSAL_DENIED, "user",
                           "only operators may see messages of others (setting operators)");
    if (request->user && !is_own && !access_find_user(request->user, &uid))
        return refusal_set(refusal, REFUSAL_INVALID, "user", "there is no user \"%.64s\"",
                           request->user);
    filter->uid = is_operator && !request->user ? -1 : (int64_t)uid;
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
