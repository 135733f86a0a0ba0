#include "sandbox/api_participant.h"

#include "base/memory.h"
#include "sandbox/page.h"
#include "sandbox/participants.h"
#include "sandbox/timestamp.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * Answer with one page of what `describe` makes of the members; those for whom it
 * gives NULL do not count.
 */
static void answer_members(struct call *call, struct answer *answer,
                           json_t *(*describe)(const struct member *member))
{
    struct page page;
    if (!page_read(call, &page, answer))
        return;

    json_t *values = json_array();
    int64_t seen = 0;
    for (size_t i = 0; i < call->thread->member_count; i++) {
        json_t *value = describe(&call->thread->members[i]);
        if (!value)
            continue;
        seen++;
        if (seen > page.skip && seen <= page.skip + page.size)
            json_array_append(values, value);
        json_decref(value);
    }
    struct page next = page;
    next.skip = page.skip + page.size;
    page_answer(call, answer, values, seen > next.skip ? &next : NULL);
}

static json_t *participant_json(const struct member *member)
{
    return member->removed ? NULL : member_json(member);
}

void api_participant_list(struct call *call, struct answer *answer)
{
    answer_members(call, answer, participant_json);
}

void api_participant_add(struct call *call, struct answer *answer)
{
    if (!call_read_json(call, answer, "application/json"))
        return;
    json_t *participants = json_object_get(call->json, "participants");
    if (!participants) {
        call_refuse(call, answer, 400, "participants is required.");
        return;
    }
    if (!participants_are_valid(call, participants, answer))
        return;
    json_t *joined = json_array(), *json = json_object();
    json_t *unknown = participants_join(call, call->thread, participants, joined);
    if (json_array_size(joined) > 0)
        service_say_participants(call->service, call->thread, MESSAGE_PARTICIPANT_ADDED, call->user,
                                 json_incref(joined));
    json_decref(joined);
    if (json_array_size(unknown) > 0)
        json_object_set(json, "invalidParticipants", unknown);
    json_decref(unknown);
    answer_json(answer, 201, json);
}

void api_participant_remove(struct call *call, struct answer *answer)
{
    if (!call_read_json(call, answer, "application/json"))
        return;
    const char *id = identity_id_from_json(call->json);
    if (!id || !identity_id_is_well_formed(id)) {
        CLEANUP(free_memory)
        char *message = xasprintf("Identifier format is invalid (%s).", id ? id : "");
        call_refuse(call, answer, 400, message);
        return;
    }
    const struct identity *identity = store_identity(&call->service->store, id);
    struct member *member = identity ? thread_member(call->thread, identity) : NULL;
    if (member && !member->removed) {
        service_say_participants(call->service, call->thread, MESSAGE_PARTICIPANT_REMOVED,
                                 call->user, json_pack("[o]", member_json(member)));
        member->removed = true;
        member->last_message_id = call->service->store.last_message_id;
    }
    answer_empty(answer, 204);
}

void api_participant_typing(struct call *call, struct answer *answer)
{
    (void)call;
    answer_empty(answer, 200);
}

void api_participant_read_receipt(struct call *call, struct answer *answer)
{
    if (!call_read_json(call, answer, "application/json"))
        return;
    const char *id = json_string_value(json_object_get(call->json, "chatMessageId"));
    if (!id || !*id || id[strspn(id, "0123456789")] || strlen(id) > 18) {
        CLEANUP(free_memory)
        char *message = xasprintf("Value for MessageId (%s) is not valid.", id ? id : "");
        call_refuse(call, answer, 400, message);
        return;
    }
    call->member->read_message_id = strtoll(id, NULL, 10);
    call->member->read_at = call->now_at;
    answer_empty(answer, 200);
}

static json_t *receipt_json(const struct member *member)
{
    char read_on[INSTANT_LONGEST_TEXT];
    if (member->read_at == 0)
        return NULL;
    timestamp_seconds(member->read_at, read_on);
    CLEANUP(free_memory) char *id = xasprintf("%" PRId64, member->read_message_id);
    return json_pack("{s:o, s:s, s:s}", "senderCommunicationIdentifier",
                     identity_json(member->identity), "chatMessageId", id, "readOn", read_on);
}

void api_participant_list_receipts(struct call *call, struct answer *answer)
{
    answer_members(call, answer, receipt_json);
}
