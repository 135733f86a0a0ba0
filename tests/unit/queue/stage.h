/*
 * stage.h - the queue floor on a stage: its clock stands until it is moved,
 * and the test plays the chat
 *
 * Threads are numbered from 0 and called "t0", "t1", ...; by default each leads
 * to a remote thread of its own at endpoint 0 and is written to by sender 0.
 * Every piece of work that the dispatcher gives is committed before the test
 * has it in hand, as a courier would.
 */
#ifndef CHATRELAY_TESTS_UNIT_QUEUE_STAGE_H
#define CHATRELAY_TESTS_UNIT_QUEUE_STAGE_H

#include "queue/dispatcher.h"
#include "tests/fakes/outbox_memory.h"

enum { STAGE_THREADS = 400, STAGE_SETTLE_MS = 10000 };

/* What a settlement said of a message, kept. */
struct told {
    int64_t id;
    enum message_state state;
    bool doubted;
    bool by_look;
    msec_t queued_ms, lane_ms, retry_ms;
};

extern struct stage {
    struct moment now;
    const char *boot_id; /* "": a crash takes the machine down with it */
    uint32_t dice;
    msec_t request_ms; /* of a success, as the courier reports it */
    struct outbox_disk *disk;
    struct outbox *outbox;
    struct dispatcher *dispatcher;

    size_t threads; /* in the settings */
    struct stage_thread {
        int place, endpoint, sender;
        int64_t sends; /* instead of those of stage.limits; 0: as there */
        bool removed;
    } routes[STAGE_THREADS];
    struct pacer_limits limits;
    struct digest_rule digest; /* off unless set */
    enum on_doubt on_doubt;

    struct told told[600]; /* of the latest settle */
    size_t told_count;
    msec_t report_after_ms;
    char report[300]; /* what the latest report says, "" for none so far */
    int64_t report_id;
    size_t reports;  /* so far */
    size_t expired;  /* messages, so far */
    size_t held;     /* by the settings, found in doubt at the start */
    size_t found;    /* by a look, behind the heads of their lanes */
    msec_t again_ms; /* as the dispatcher said last */
} stage;

/* Set up with so many threads and no limit on their pace. For .init and .fini. */
void stage_open(size_t threads);
void stage_close(void);

/* Tell the dispatcher the settings as they are in stage.routes and the three below. */
void stage_configure(void);

/* Lose everything that is not committed, and start anew `away_ms` later. */
void stage_crash(msec_t away_ms);

/* Commit what is open. */
void stage_commit(void);

void stage_pass(msec_t time_ms);

/* Hand in a message; returns its id. `due_at` and `expires_at` may be 0. */
int64_t stage_add(int thread, enum priority priority);
int64_t stage_add_timed(int thread, enum priority priority, msec_t due_at, msec_t expires_at);

lane_id stage_lane(int thread, enum priority priority);

/* What dispatcher_tend() tells: it is counted. */
void stage_moved(void *context, const struct message *message);

/* A stamp that no other message has. Lives until the next one is asked for. */
const char *stage_stamp(void);

/* Due messages, expired messages, then the next piece of work, committed; NULL for none. */
struct work *stage_next(void);

/* The next piece of work, which must be there and be of that kind. */
struct work *stage_next_send(void);
struct work *stage_next_look(void);
struct work *stage_next_inspection(void);

/* The message that a send is about. */
int64_t stage_id(const struct work *work);

/* How a send ends. Committed. */
void stage_settle(struct work *work, const struct delivery *delivery);
void stage_sent(struct work *work);
void stage_sent_as(struct work *work, const char *remote_id);
void stage_refused(struct work *work, int http, enum scope scope, msec_t wait_ms);
void stage_unsent(struct work *work); /* the endpoint was not reached */
void stage_doubt(struct work *work);  /* a time-out */

/* How a look ends: stamps of the messages in `found` (0 ends it) were seen. Committed. */
void stage_looked(struct work *work, bool complete, const int64_t *found);
/* Likewise: the first message that it is about was seen, as that of a digest up to this one. */
void stage_looked_in_digest(struct work *work, int64_t first, int64_t last_rank);
void stage_look_failed(struct work *work, int http, enum scope scope);

/* How an inspection ends. Committed. */
void stage_answered(struct work *work);
void stage_inspection_failed(struct work *work, int http, enum scope scope);

/* Send everything that may go now, each with success; returns how many. */
size_t stage_drain_now(void);

enum message_state stage_state(int64_t id);
bool stage_in_doubt(int64_t id);

/* The stored record of a scope; zeroed when there is none. */
struct scope_record stage_scope(enum scope scope, const char *name);

#endif
