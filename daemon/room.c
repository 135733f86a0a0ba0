#include "daemon/room.h"

#include "base/utf8.h"

#include <inttypes.h>

/* ACS: the limit is about 28 KB; whether of bytes or of UTF-16 units is not documented. */
static bool fits(const struct config_thread *thread, const struct message *message,
                 struct refusal *refusal)
{
    bool utf16 = thread->content_unit == CONFIG_CONTENT_UNIT_UTF16;
    size_t size =
        utf16 ? utf8_utf16_units(message->content, message->content_bytes) : message->content_bytes;
    if (size <= (size_t)thread->content_limit)
        return true;
    return refusal_set(refusal, REFUSAL_INVALID, "content",
                       "content is %zu %s long, thread %s takes at most %" PRId64, size,
                       utf16 ? "UTF-16 units" : "bytes", thread->name, thread->content_limit);
}

/* In a thread, or of a user; TALLY_ANY for all. */
static struct tally_sum waiting(const struct desk *desk, int64_t thread, int64_t uid)
{
    static const enum message_state states[] = { MESSAGE_SCHEDULED, MESSAGE_PENDING, MESSAGE_HELD };
    const struct tally *tally = outbox_tally(desk->floor->outbox);
    struct tally_sum sum = { 0 };
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        struct tally_sum part = thread == TALLY_ANY
                                    ? tally_sum(tally, TALLY_ANY, uid, states[i])
                                    : tally_sum_of_thread(tally, thread, uid, states[i]);
        sum.messages += part.messages;
        sum.bytes += part.bytes;
    }
    return sum;
}

/* What is larger than all that may wait is too large for good. */
static bool refuse_bytes(const struct config_thread *thread, const struct message *message,
                         int64_t waiting_bytes, struct refusal *refusal)
{
    if ((int64_t)message->content_bytes > thread->most_bytes)
        return refusal_set(refusal, REFUSAL_INVALID, "content",
                           "content is %zu bytes long, and of all that waits for thread %s at most "
                           "%" PRId64 " may be (setting most_bytes)",
                           message->content_bytes, thread->name, thread->most_bytes);
    return refusal_set(refusal, REFUSAL_FULL, "to",
                       "%" PRId64 " bytes wait for thread %s already, and at most %" PRId64
                       " may (setting most_bytes); try again later",
                       waiting_bytes, thread->name, thread->most_bytes);
}

static bool thread_has_room(const struct desk *desk, const struct directory_thread *thread,
                            const struct message *message, const struct message *older,
                            struct refusal *refusal)
{
    const struct config_thread *settings = thread->settings;
    if (settings->most_messages == CONFIG_UNLIMITED && settings->most_bytes == CONFIG_UNLIMITED)
        return true;
    struct tally_sum sum = waiting(desk, thread->number, TALLY_ANY);
    if (older->id == 0 && sum.messages >= settings->most_messages)
        return refusal_set(refusal, REFUSAL_FULL, "to",
                           "%" PRId64 " message%s for thread %s already, and at most %" PRId64
                           " may (setting most_messages); try again later",
                           sum.messages, sum.messages == 1 ? " waits" : "s wait", settings->name,
                           settings->most_messages);
    int64_t more_bytes = (int64_t)message->content_bytes - (int64_t)older->content_bytes;
    if (more_bytes <= 0 || sum.bytes + more_bytes <= settings->most_bytes)
        return true;
    return refuse_bytes(settings, message, sum.bytes, refusal);
}

static bool user_has_room(const struct desk *desk, const struct asker *asker,
                          struct refusal *refusal)
{
    int64_t most = directory_quota_of(desk->directory, asker);
    if (most == INT64_MAX)
        return true;
    if (most == 0)
        return refusal_set(refusal, REFUSAL_DENIED, NULL,
                           "no message of %s may wait: the quota is 0 (setting waiting)",
                           asker->user);
    int64_t messages = waiting(desk, TALLY_ANY, asker->uid).messages;
    if (messages < most)
        return true;
    return refusal_set(refusal, REFUSAL_FULL, NULL,
                       "%" PRId64 " message%s of %s wait%s already, the quota is %" PRId64
                       " (setting waiting); try again later",
                       messages, messages == 1 ? "" : "s", asker->user, messages == 1 ? "s" : "",
                       most);
}

static bool disk_has_room(const struct desk *desk, struct refusal *refusal)
{
    return desk->has_room ||
           refusal_set(refusal, REFUSAL_FULL, NULL,
                       "the file system of the outbox is nearly full: less than %" PRId64
                       " bytes are free (setting min_free); try again later",
                       desk->directory->config->relay.min_free_bytes);
}

bool room_for(const struct desk *desk, const struct directory_thread *thread,
              const struct asker *asker, const struct message *message, const struct message *older,
              struct refusal *refusal)
{
    return fits(thread->settings, message, refusal) && disk_has_room(desk, refusal) &&
           thread_has_room(desk, thread, message, older, refusal) &&
           (older->id != 0 || user_has_room(desk, asker, refusal));
}
