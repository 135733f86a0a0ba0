/*
 * thread.h - a chat thread: its members, its messages, what was spent of its limits
 */
#ifndef CHATRELAY_SANDBOX_THREAD_H
#define CHATRELAY_SANDBOX_THREAD_H

#include "sandbox/limit.h"
#include "sandbox/message.h"

/* Whoever is or once was in the thread. ACS: those removed still read what was said until then. */
struct member {
    struct identity *identity;
    char *display_name;
    msec_t history_from_at;
    char *metadata; /* JSON, or NULL */
    bool removed;
    msec_t last_message_id;          /* of a removed one: the last that it may read */
    msec_t read_message_id, read_at; /* its read receipt; read_at 0: none */
    struct limit_usage list_usage, get_usage;
};

struct thread {
    char *id; /* 19:...@thread.v2 */
    char *topic;
    char *metadata; /* JSON, or NULL */
    const struct identity *creator;
    msec_t created_at;
    msec_t deleted_at;        /* 0: not deleted by anybody */
    int delete_after_days;    /* 0: never */
    msec_t retention_ends_ms; /* of the service's time, when delete_after_days is set */
    struct member *members;
    size_t member_count;
    struct message **messages; /* by id */
    size_t message_count, message_capacity;
    int64_t sequence;         /* of the latest message or edit */
    struct limit_usage usage; /* of sends, updates and deletes */
    struct limit_usage list_usage;
    uint64_t requests;   /* sends, updates and deletes that came in */
    uint64_t over_limit; /* of these: more than the limit holds */
};

struct thread *thread_new(const char *id, const char *topic, const struct identity *creator,
                          msec_t created_at);
void thread_free(struct thread *thread);

/* "19:", letters, digits, "_" and "-", "@thread.v2". */
bool thread_id_is_well_formed(const char *id);

/* NULL when the identity never was a member. Valid until the next thread_join(). */
struct member *thread_member(const struct thread *thread, const struct identity *identity);

/* Make the identity a participant, again if it was removed. A new one may read all. */
struct member *thread_join(struct thread *thread, struct identity *identity);

/* NULL when there is none with that id. */
struct message *thread_message(const struct thread *thread, msec_t id);

/* The number of messages with an id below `id`. */
size_t thread_messages_before(const struct thread *thread, msec_t id);

/* Append a message, whose id is higher than all before, and number it. The thread owns it. */
void thread_append(struct thread *thread, struct message *message);

/* A ChatParticipant. */
json_t *member_json(const struct member *member);

/* A ChatThreadProperties; `with_policy`: as api-versions with retentionPolicy have it. */
json_t *thread_json(const struct thread *thread, bool with_policy);

/* A ChatThreadItem. */
json_t *thread_item_json(const struct thread *thread);

#endif
