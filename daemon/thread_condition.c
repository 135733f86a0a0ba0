#include "daemon/thread_condition.h"

#include "chat/thread.h"
#include "daemon/member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const msec_t day_ms = (msec_t)24 * 60 * 60 * 1000;

/* ---- what was told --------------------------------------------------------------------------- */

void thread_condition_clear(struct thread_condition *condition)
{
    json_decref(condition->retention);
    *condition = (struct thread_condition){ 0 };
}

/* It is kept for long, and a policy is a few words: of one that is not, nothing is. */
static json_t *keep_retention(const json_t *policy)
{
    enum { LONGEST_POLICY = 1024 };
    size_t length = policy ? json_dumpb(policy, NULL, 0, JSON_ENCODE_ANY) : 0;
    return length > 0 && length <= LONGEST_POLICY ? json_deep_copy(policy) : NULL;
}

void thread_condition_take(struct thread_condition *condition, const json_t *body)
{
    char *dumped = json_dumps(body, 0);
    enum fact sends = condition->reads == FACT_NO ? FACT_UNKNOWN : condition->sends;
    thread_condition_clear(condition);
    condition->reads = FACT_YES;
    condition->sends = sends;
    condition->retention = keep_retention(json_object_get(body, "retentionPolicy"));
    if (!thread_parse(&condition->properties, dumped, strlen(dumped), NULL))
        condition->properties = (struct thread_properties){ 0 };
    free(dumped);
    if (condition->properties.deleted_at)
        snprintf(condition->reason, sizeof condition->reason, "it has been deleted");
}

/* What is wrong elsewhere, or passes by itself, says nothing about the thread. */
static bool note_refusal(struct thread_condition *condition, const struct delivery *verdict)
{
    condition->is_old = !delivery_is_no_of_thread(verdict);
    condition->http = verdict->http;
    snprintf(condition->reason, sizeof condition->reason, "%s", verdict->detail);
    return !condition->is_old;
}

bool thread_condition_refuse(struct thread_condition *condition, const struct delivery *verdict)
{
    if (delivery_is_no_of_thread(verdict)) {
        thread_condition_clear(condition);
        condition->reads = condition->sends = FACT_NO;
    }
    return note_refusal(condition, verdict);
}

bool thread_condition_hide(struct thread_condition *condition, const struct delivery *verdict)
{
    if (delivery_is_no_of_thread(verdict))
        condition->sends = FACT_NO;
    return note_refusal(condition, verdict);
}

static bool is_identity(const json_t *participant, const char *identity)
{
    const json_t *model = json_object_get(participant, "communicationIdentifier");
    const char *raw = json_string_value(json_object_get(model, "rawId"));
    const char *id =
        json_string_value(json_object_get(json_object_get(model, "communicationUser"), "id"));
    return (raw && strcmp(raw, identity) == 0) || (id && strcmp(id, identity) == 0);
}

bool thread_condition_find(struct thread_condition *condition, const json_t *page,
                           const char *identity)
{
    const json_t *participant = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(page, "value"), i, participant)
    {
        if (!is_identity(participant, identity))
            continue;
        condition->sends = FACT_YES;
        return true;
    }
    return false;
}

void thread_condition_miss(struct thread_condition *condition, const char *identity)
{
    condition->sends = FACT_NO;
    snprintf(condition->reason, sizeof condition->reason,
             "%.120s is no participant, and so may not send", identity);
}

/* ---- what it means --------------------------------------------------------------------------- */

msec_t thread_condition_deletes_at(const struct thread_condition *condition)
{
    const struct thread_properties *properties = &condition->properties;
    if (properties->retention_days == 0 || properties->created_at == 0)
        return 0;
    return msec_add(properties->created_at, properties->retention_days * day_ms);
}

enum level thread_condition_level_of_end(msec_t deletes_at, msec_t now_at)
{
    enum { LOOK_DAYS = 14, ACT_DAYS = 3 };
    if (deletes_at == 0 || deletes_at - now_at > LOOK_DAYS * day_ms)
        return LEVEL_WELL;
    return deletes_at - now_at > ACT_DAYS * day_ms ? LEVEL_LOOK : LEVEL_ACT;
}

enum level thread_condition_level(const struct thread_condition *condition, msec_t now_at)
{
    if (condition->properties.deleted_at || condition->reads == FACT_NO ||
        condition->sends == FACT_NO)
        return LEVEL_ACT;
    enum level level =
        thread_condition_level_of_end(thread_condition_deletes_at(condition), now_at);
    bool untold = condition->is_old || condition->reads == FACT_UNKNOWN;
    return untold && level == LEVEL_WELL ? LEVEL_LOOK : level;
}

static void add_fact(json_t *object, const char *name, enum fact fact)
{
    if (fact != FACT_UNKNOWN)
        json_object_set_new(object, name, json_boolean(fact == FACT_YES));
}

void thread_condition_add(const struct thread_condition *condition, json_t *members)
{
    const struct thread_properties *properties = &condition->properties;
    add_fact(members, "reads", condition->reads);
    add_fact(members, "sends", condition->sends);
    member_text(members, "topic", properties->topic);
    member_text(members, "creator", properties->creator);
    member_number(members, "created_at", properties->created_at);
    member_number(members, "deleted_at", properties->deleted_at);
    if (condition->retention)
        json_object_set(members, "retention", condition->retention);
    member_number(members, "deletes_at", thread_condition_deletes_at(condition));
    member_number(members, "http", condition->http);
    member_text(members, "reason", condition->reason);
}
