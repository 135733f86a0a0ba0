#include "sandbox/store.h"

#include "base/memory.h"

#include <stdlib.h>

void store_clear(struct store *store)
{
    for (size_t i = 0; i < store->thread_count; i++)
        thread_free(store->threads[i]);
    for (size_t i = 0; i < store->identity_count; i++)
        identity_free(store->identities[i]);
    for (size_t i = 0; i < store->creation_count; i++)
        free(store->creation_names[i]);
    table_clear(&store->threads_by_id);
    table_clear(&store->identities_by_id);
    table_clear(&store->creations);
    free(store->threads);
    free(store->identities);
    free(store->creation_names);
    free(store->ledger);
    *store = (struct store){ 0 };
}

struct identity *store_identity(const struct store *store, const char *id)
{
    return table_find(&store->identities_by_id, id);
}

struct identity *store_add_identity(struct store *store, const char *id)
{
    struct identity *identity = identity_new(id);
    store->identities =
        xreallocarray(store->identities, store->identity_count + 1, sizeof(struct identity *));
    store->identities[store->identity_count++] = identity;
    table_add(&store->identities_by_id, identity->id, identity);
    return identity;
}

struct thread *store_thread(const struct store *store, const char *id)
{
    return table_find(&store->threads_by_id, id);
}

struct thread *store_add_thread(struct store *store, const char *id, const char *topic,
                                const struct identity *creator, msec_t now_at)
{
    struct thread *thread = thread_new(id, topic, creator, now_at);
    store->threads =
        xreallocarray(store->threads, store->thread_count + 1, sizeof(struct thread *));
    store->threads[store->thread_count++] = thread;
    table_add(&store->threads_by_id, thread->id, thread);
    return thread;
}

static void enter_in_ledger(struct store *store, struct message *message)
{
    if (store->ledger_count == store->ledger_capacity) {
        store->ledger_capacity = store->ledger_capacity ? 2 * store->ledger_capacity : 1024;
        store->ledger =
            xreallocarray(store->ledger, store->ledger_capacity, sizeof(struct message *));
    }
    store->ledger[store->ledger_count++] = message;
}

struct message *store_add_message(struct store *store, struct thread *thread,
                                  const struct identity *author, enum message_type type,
                                  msec_t now_at)
{
    struct message *message = xcalloc(1, sizeof *message);
    store->last_message_id = msec_max(now_at, store->last_message_id + 1);
    message->type = type;
    message->author = author;
    message->id = store->last_message_id;
    message->version_at = message->id;
    thread_append(thread, message);
    enter_in_ledger(store, message);
    return message;
}

struct thread *store_creation(const struct store *store, const char *name)
{
    return table_find(&store->creations, name);
}

void store_remember_creation(struct store *store, const char *name, struct thread *thread)
{
    char *copy = xstrdup(name);
    store->creation_names =
        xreallocarray(store->creation_names, store->creation_count + 1, sizeof(char *));
    store->creation_names[store->creation_count++] = copy;
    table_add(&store->creations, copy, thread);
}
