#include "sandbox/participants.h"

#include "base/attributes.h"
#include "base/instant.h"
#include "base/memory.h"
#include "sandbox/metadata.h"

#include <stdlib.h>

static const char *id_of(json_t *participant)
{
    return identity_id_from_json(json_object_get(participant, "communicationIdentifier"));
}

static bool is_valid(const struct call *call, json_t *participant, struct answer *answer)
{
    const char *id = id_of(participant);
    if (id && identity_id_is_well_formed(id))
        return true;
    CLEANUP(free_memory)
    char *message = xasprintf("Identifier format is invalid (%s).", id ? id : "");
    call_refuse(call, answer, 400, message);
    return false;
}

bool participants_are_valid(const struct call *call, json_t *participants, struct answer *answer)
{
    size_t index = 0;
    json_t *participant = NULL;
    if (participants && !json_is_array(participants)) {
        call_refuse(call, answer, 400, "participants must be an array.");
        return false;
    }
    json_array_foreach(participants, index, participant)
    {
        if (!is_valid(call, participant, answer))
            return false;
    }
    return true;
}

/* ACS: without a shareHistoryTime nothing said before is shown. */
static void describe(const struct call *call, struct member *member, json_t *participant)
{
    const char *name = json_string_value(json_object_get(participant, "displayName"));
    const char *history = json_string_value(json_object_get(participant, "shareHistoryTime"));
    free(member->display_name);
    member->display_name = xstrdup_or_null(name);
    free(member->metadata);
    member->metadata = NULL;
    if (!metadata_read(json_object_get(participant, "metadata"), &member->metadata))
        member->metadata = NULL;
    if (!history || !instant_parse_rfc3339(history, &member->history_from_at))
        member->history_from_at = call->now_at;
}

static void join(const struct call *call, struct thread *thread, struct identity *identity,
                 json_t *participant, json_t *joined)
{
    const struct member *present = thread_member(thread, identity);
    if (present && !present->removed)
        return;
    struct member *member = thread_join(thread, identity);
    describe(call, member, participant);
    json_array_append_new(joined, member_json(member));
}

json_t *participants_join(const struct call *call, struct thread *thread, json_t *participants,
                          json_t *joined)
{
    json_t *unknown = json_array();
    size_t index = 0;
    json_t *participant = NULL;

    json_array_foreach(participants, index, participant)
    {
        const char *id = id_of(participant);
        struct identity *identity = store_identity(&call->service->store, id);
        if (identity && !identity->deleted)
            join(call, thread, identity, participant, joined);
        else
            json_array_append_new(unknown, json_pack("{s:s, s:s, s:s}", "target", id, "code", "404",
                                                     "message", "Not found"));
    }
    return unknown;
}
