/*
 * thread_condition.h - how a thread is at the service, as far as it told
 *
 *     Get Chat Thread Properties --take--> reads --participants--> sends
 *                                     \--refuse--> neither
 *
 * What is not told stays as it was known. Pure. ACS: only participants may send,
 * while one who was removed may still read.
 */
#ifndef CHATRELAY_DAEMON_THREAD_CONDITION_H
#define CHATRELAY_DAEMON_THREAD_CONDITION_H

#include "queue/courier.h"
#include "queue/diagnosis.h"

#include <jansson.h>

/* Yes, no, or nobody knows. */
enum fact { FACT_UNKNOWN, FACT_YES, FACT_NO };

/* Zeroed: nothing is known. To be cleared with thread_condition_clear(). */
struct thread_condition {
    enum fact reads, sends; /* whether we may */
    json_t *retention;      /* the policy as the service has it; NULL: none, or a huge one */
    struct thread_properties properties;
    bool is_old; /* the latest look did not tell all: this is from the one before */
    int http;    /* the status of a refusal; 0: none */
    char reason[200];
};

/* Back to nothing known. */
void thread_condition_clear(struct thread_condition *condition);

/* The service told the thread's properties, as `body`. */
void thread_condition_take(struct thread_condition *condition, const json_t *body);

/*
 * It did not tell them, for this reason. False when that says nothing about the
 * thread: then it is as it was known, and somebody should look again.
 */
bool thread_condition_refuse(struct thread_condition *condition, const struct delivery *verdict);

/* Whether `identity` is on this page of the participants: then we may send. */
bool thread_condition_find(struct thread_condition *condition, const json_t *page,
                           const char *identity);

/* It was on no page: we may not send. */
void thread_condition_miss(struct thread_condition *condition, const char *identity);

/* The service did not tell the participants, for this reason. False as above. */
bool thread_condition_hide(struct thread_condition *condition, const struct delivery *verdict);

/* When the service will delete the thread by its policy; 0: never, or nobody knows. */
msec_t thread_condition_deletes_at(const struct thread_condition *condition);

/* How bad it is that the thread will be deleted then; 0: never. */
enum level thread_condition_level_of_end(msec_t deletes_at, msec_t now_at);

/* How bad everything about it is by now. */
enum level thread_condition_level(const struct thread_condition *condition, msec_t now_at);

/* Add what is known as members of an answer; all but its level. */
void thread_condition_add(const struct thread_condition *condition, json_t *members);

#endif
