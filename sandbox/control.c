#include "sandbox/control.h"

#include "base/memory.h"
#include "sandbox/timestamp.h"

#include <stdlib.h>

void control_add_faults(struct call *call, struct answer *answer)
{
    struct error err;
    json_error_t json_err;
    int id = 0;
    call->json = json_loadb(call->body, call->body_length, 0, &json_err);
    if (!call->json) {
        CLEANUP(free_memory) char *message = xasprintf("the body is no JSON: %s", json_err.text);
        call_refuse(call, answer, 400, message);
        return;
    }
    if (fault_plan_add(&call->service->faults, call->json, &id, &err))
        answer_json(answer, 201, json_pack("{s:i}", "id", id));
    else
        call_refuse(call, answer, 400, err.text);
}

void control_list_faults(struct call *call, struct answer *answer)
{
    answer_json(answer, 200, fault_plan_json(&call->service->faults));
}

void control_clear_faults(struct call *call, struct answer *answer)
{
    fault_plan_clear(&call->service->faults);
    answer_empty(answer, 204);
}

void control_remove_fault(struct call *call, struct answer *answer)
{
    if (fault_plan_remove(&call->service->faults, (int)strtol(call->captures[0], NULL, 10)))
        answer_empty(answer, 204);
    else
        call_refuse(call, answer, 404, "There is no fault with that id.");
}

void control_stats(struct call *call, struct answer *answer)
{
    const struct store *store = &call->service->store;
    json_t *threads = json_object();
    json_int_t requests = 0, over_limit = 0;
    for (size_t i = 0; i < store->thread_count; i++) {
        const struct thread *thread = store->threads[i];
        requests += (json_int_t)thread->requests;
        over_limit += (json_int_t)thread->over_limit;
        json_object_set_new(threads, thread->id,
                            json_pack("{s:I, s:I, s:I}", "requests", (json_int_t)thread->requests,
                                      "overLimit", (json_int_t)thread->over_limit, "messages",
                                      (json_int_t)thread->message_count));
    }
    answer_json(answer, 200,
                json_pack("{s:I, s:I, s:I, s:I, s:o}", "elapsedMs", (json_int_t)call->elapsed_ms,
                          "requests", requests, "overLimit", over_limit, "messages",
                          (json_int_t)store->ledger_count, "threads", threads));
}

static bool refuse(const struct call *call, struct answer *answer, const char *message)
{
    call_refuse(call, answer, 400, message);
    return false;
}

/* An identity by its id, made if it is new. NULL: malformed; the answer then says so. */
static struct identity *identity_named(const struct call *call, const char *id,
                                       struct answer *answer)
{
    if (!id || !identity_id_is_well_formed(id)) {
        refuse(call, answer, "An identity's id looks like 8:acs:resource_user.");
        return NULL;
    }
    struct identity *identity = store_identity(&call->service->store, id);
    return identity ? identity : store_add_identity(&call->service->store, id);
}

void control_add_identity(struct call *call, struct answer *answer)
{
    if (!call_read_json(call, answer, NULL))
        return;
    const char *id = json_string_value(json_object_get(call->json, "id"));
    if (identity_named(call, id, answer))
        answer_json(answer, 201, json_pack("{s:s}", "id", id));
}

static bool are_identities(const struct call *call, json_t *names, struct answer *answer)
{
    size_t index = 0;
    json_t *name = NULL;
    json_array_foreach(names, index, name)
    {
        if (!identity_named(call, json_string_value(name), answer))
            return false;
    }
    return index > 0 || refuse(call, answer, "participants must be an array of ids.");
}

/* The names are known to be good. */
static void add_thread(const struct call *call, const char *id, const char *topic, json_t *names)
{
    const struct store *store = &call->service->store;
    const char *creator = json_string_value(json_array_get(names, 0));
    struct thread *thread =
        service_add_thread(call->service, id, topic, store_identity(store, creator));
    size_t index = 0;
    json_t *name = NULL;
    json_array_foreach(names, index, name)
    {
        thread_join(thread, store_identity(store, json_string_value(name)));
    }
    service_say_creation(call->service, thread);
}

/* {"id", "participants":[ID...], "topic"}: the first participant is the creator. */
void control_add_thread(struct call *call, struct answer *answer)
{
    const char *id = NULL, *topic = "sandbox";
    json_t *names = NULL;
    if (!call_read_json(call, answer, NULL))
        return;
    if (json_unpack(call->json, "{s:s, s?s, s:o}", "id", &id, "topic", &topic, "participants",
                    &names) != 0 ||
        !thread_id_is_well_formed(id)) {
        refuse(call, answer, "Wanted: id (19:NAME@thread.v2) and participants (ids).");
        return;
    }
    if (store_thread(&call->service->store, id)) {
        call_refuse(call, answer, 409, "There is a thread with that id.");
        return;
    }
    if (!are_identities(call, names, answer))
        return;
    add_thread(call, id, topic, names);
    answer_json(answer, 201, json_pack("{s:s}", "id", id));
}

/* {"identity", "for_ms"}: a token of any length of life, of the service's time. */
void control_add_token(struct call *call, struct answer *answer)
{
    const char *id = NULL, *scope = "chat";
    json_int_t lifetime_ms = 24LL * 60 * 60 * 1000;
    char expires_on[INSTANT_LONGEST_TEXT];
    msec_t expires_at = 0;

    if (!call_read_json(call, answer, NULL))
        return;
    if (json_unpack(call->json, "{s:s, s?I, s?s}", "identity", &id, "for_ms", &lifetime_ms, "scope",
                    &scope) != 0) {
        refuse(call, answer, "Wanted: identity, and perhaps for_ms and scope.");
        return;
    }
    const struct identity *identity = identity_named(call, id, answer);
    if (!identity)
        return;
    CLEANUP(free_memory)
    char *token = service_token(call->service, identity, scope, lifetime_ms, &expires_at);
    timestamp_expiry(expires_at, expires_on);
    answer_json(answer, 201, json_pack("{s:s, s:s}", "token", token, "expiresOn", expires_on));
}
