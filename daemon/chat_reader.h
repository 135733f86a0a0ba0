/*
 * chat_reader.h - what people want to know of the chat, asked within its limits
 *
 *     chat_reader_ask -> waits for its budget -> asked -> done
 *
 * Each kind of question about a thread has a budget (ACS: per user and thread).
 * Lists share theirs with the looks of the queue, which come first: what reads
 * here takes no more than half of it. What the chat answers to a question is
 * charged to nobody: a thread that cannot be read may still take messages.
 */
#ifndef CHATRELAY_DAEMON_CHAT_READER_H
#define CHATRELAY_DAEMON_CHAT_READER_H

#include "chat/question.h"
#include "daemon/directory.h"
#include "daemon/queue_floor.h"

enum {
    CHAT_READER_MOST_UNDER_WAY = 8,
    CHAT_READER_MOST_WAITING = 256, /* those under way included */
    CHAT_READER_MOST_OF_USER = CHAT_READER_MOST_WAITING / 2,
};

/* A thread of the settings as the chat is asked about it; lives on when the settings change. */
struct chat_place {
    int64_t number; /* of the thread, in the outbox */
    char *name;     /* in our settings */
    char *endpoint, *thread, *sender;
};

/* To be cleared with chat_place_clear(), also for CLEANUP(). */
struct chat_place chat_place_of(const struct directory_thread *thread);
struct chat_place chat_place_copy(const struct chat_place *place);
void chat_place_clear(struct chat_place *place);

/* Whether the thread, as the settings have it now, is that remote one, and asked about likewise. */
bool chat_place_is_of(const struct chat_place *place, const struct directory_thread *thread);

struct chat_reader;

/* Both are borrowed. */
struct chat_reader *chat_reader_new(struct queue_floor *floor, const struct clock *clock);

/* Ends all questions; see chat_reader_give_up(). NULL is fine. */
void chat_reader_free(struct chat_reader *reader);

/*
 * Ask about `place`: of the question all but where it is to be asked is filled in.
 * Both are copied. `done` is called once, later, from the loop. False when too
 * many questions wait already: then it is not called.
 */
MUST_CHECK bool chat_reader_ask(struct chat_reader *reader, const struct chat_place *place,
                                const struct question *question, question_done *done,
                                void *context);

/* Who wants to know. */
struct chat_client {
    uid_t uid;
    struct wait *const *wait; /* borrowed until `done`; it becomes NULL: the client has gone */
};

/*
 * Likewise for a client. False also when its user's questions are half of all
 * that may wait: the others' shall find room. If the client goes before it was
 * asked, it is `given_up`.
 */
MUST_CHECK bool chat_reader_ask_for(struct chat_reader *reader, const struct chat_client *client,
                                    const struct chat_place *place, const struct question *question,
                                    question_done *done, void *context);

/* Ask what may be asked now. Returns how long until there is more. */
msec_t chat_reader_tend(struct chat_reader *reader, struct moment now);

/*
 * The queue floor has closed, or everything ends: no answer will come to what was asked, which is
 * `given_up`.
 */
void chat_reader_give_up(struct chat_reader *reader);

#endif
