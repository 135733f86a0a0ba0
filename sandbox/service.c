#include "sandbox/service.h"

#include "base/attributes.h"
#include "base/memory.h"
#include "sandbox/base64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GENERATED_KEY_BYTES = 64 };

void service_init(struct service *service)
{
    *service = (struct service){
        .clock = { .scale = 1 },
        .send_limit = { .rules = 2, .rule = { { 10, 10000 }, { 30, 60000 } } },
        .list_limit = { .rules = 2, .rule = { { 50, 10000 }, { 200, 60000 } } },
        .thread_list_limit = { .rules = 2, .rule = { { 250, 10000 }, { 400, 60000 } } },
        .get_limit = { .rules = 1, .rule = { { 50, 10000 } } },
        .retry_after_form = RETRY_AFTER_SECONDS,
        .content_limit_bytes = 28672,
        .key = { .length = GENERATED_KEY_BYTES },
    };
    arc4random_buf(service->key.bytes, GENERATED_KEY_BYTES);
    service_clock_start(&service->clock);
}

void service_clear(struct service *service)
{
    fault_plan_clear(&service->faults);
    token_book_clear(&service->tokens);
    store_clear(&service->store);
}

char *service_token(const struct service *service, const struct identity *identity,
                    const char *scope, msec_t lifetime_ms, msec_t *expires_at)
{
    /* Never as old as those that were revoked in this very millisecond. */
    struct token_claims claims = {
        .issued_at = msec_max(service_clock_now(&service->clock), identity->tokens_valid_from),
    };
    claims.expires_at = claims.issued_at + service_clock_real_ms(&service->clock, lifetime_ms);
    snprintf(claims.identity, sizeof claims.identity, "%s", identity->id);
    snprintf(claims.scope, sizeof claims.scope, "%s", scope);
    *expires_at = claims.expires_at;
    return token_make(&service->key, &claims);
}

static char *new_guid(void)
{
    unsigned char bytes[16];
    arc4random_buf(bytes, sizeof bytes);
    return xasprintf("%02x%02x%02x%02x-%02x%02x-4%x%02x-a%x%02x-%02x%02x%02x%02x%02x%02x", bytes[0],
                     bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6] & 15, bytes[7],
                     bytes[8] & 15, bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14],
                     bytes[15]);
}

char *service_new_identity_id(void)
{
    CLEANUP(free_memory) char *resource = new_guid();
    CLEANUP(free_memory) char *user = new_guid();
    return xasprintf("8:acs:%s_%s", resource, user);
}

char *service_new_thread_id(void)
{
    unsigned char bytes[32];
    arc4random_buf(bytes, sizeof bytes);
    CLEANUP(free_memory) char *name = base64_encode_url(bytes, sizeof bytes);
    return xasprintf("19:acsV1_%s@thread.v2", name);
}

/* A system message; takes the JSON over. */
static void say(struct service *service, struct thread *thread, enum message_type type,
                const struct identity *initiator, json_t *content)
{
    struct message *message = store_add_message(&service->store, thread, initiator, type,
                                                service_clock_now(&service->clock));
    json_object_set_new(content, "initiatorCommunicationIdentifier", identity_json(initiator));
    message->content = json_dumps(content, JSON_COMPACT);
    json_decref(content);
}

void service_say_participants(struct service *service, struct thread *thread,
                              enum message_type type, const struct identity *initiator,
                              json_t *participants)
{
    say(service, thread, type, initiator, json_pack("{s:o}", "participants", participants));
}

void service_say_topic(struct service *service, struct thread *thread,
                       const struct identity *initiator)
{
    say(service, thread, MESSAGE_TOPIC_UPDATED, initiator,
        json_pack("{s:s}", "topic", thread->topic));
}

struct thread *service_add_thread(struct service *service, const char *id, const char *topic,
                                  struct identity *creator)
{
    msec_t now_at = service_clock_now(&service->clock);
    struct thread *thread = store_add_thread(&service->store, id, topic, creator, now_at);
    thread_join(thread, creator);
    return thread;
}

void service_say_creation(struct service *service, struct thread *thread)
{
    json_t *participants = json_array();
    for (size_t i = 0; i < thread->member_count; i++)
        json_array_append_new(participants, member_json(&thread->members[i]));
    service_say_participants(service, thread, MESSAGE_PARTICIPANT_ADDED, thread->creator,
                             participants);
    service_say_topic(service, thread, thread->creator);
}

bool service_thread_is_gone(const struct service *service, struct thread *thread)
{
    if (thread->deleted_at == 0 && thread->delete_after_days > 0 &&
        service_clock_elapsed_ms(&service->clock) >= thread->retention_ends_ms)
        thread->deleted_at = service_clock_now(&service->clock);
    return thread->deleted_at > 0;
}
