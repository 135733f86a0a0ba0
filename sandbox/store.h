/*
 * store.h - everything the sandbox knows, in memory
 *
 * Nothing is ever forgotten: what is deleted is marked so. The ledger is every
 * message in order of appearance, across all threads.
 */
#ifndef CHATRELAY_SANDBOX_STORE_H
#define CHATRELAY_SANDBOX_STORE_H

#include "sandbox/table.h"
#include "sandbox/thread.h"

/* Zeroed, it is empty. */
struct store {
    struct table threads_by_id, identities_by_id;
    struct table creations; /* from USER/repeatability-request-id to the thread it made */
    char **creation_names;
    size_t creation_count;
    struct thread **threads;
    size_t thread_count;
    struct identity **identities;
    size_t identity_count;
    struct message **ledger; /* borrowed from the threads */
    size_t ledger_count, ledger_capacity;
    msec_t last_message_id;
};

void store_clear(struct store *store);

struct identity *store_identity(const struct store *store, const char *id);
struct identity *store_add_identity(struct store *store, const char *id);

struct thread *store_thread(const struct store *store, const char *id);
struct thread *store_add_thread(struct store *store, const char *id, const char *topic,
                                const struct identity *creator, msec_t now_at);

/*
 * Put a new message into its thread and the ledger. It is given its id: `now_at`,
 * or more where that would not be above every id before, in any thread.
 */
struct message *store_add_message(struct store *store, struct thread *thread,
                                  const struct identity *author, enum message_type type,
                                  msec_t now_at);

/* ACS: a repeated creation with one repeatability-request-id gives the same thread. */
struct thread *store_creation(const struct store *store, const char *name);
void store_remember_creation(struct store *store, const char *name, struct thread *thread);

#endif
