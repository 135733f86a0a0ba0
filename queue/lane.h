/*
 * lane.h - the messages of one thread at one priority, as far as memory holds them
 *
 * Of a lane's waiting messages only the first few are kept here, without their
 * content: a backlog of any length costs the same. The one that is under way is
 * not among them. It begins with fewer: who reads an order anew, or a thousand
 * lanes at the start, does not need them all.
 */
#ifndef CHATRELAY_QUEUE_LANE_H
#define CHATRELAY_QUEUE_LANE_H

#include "queue/agenda.h"
#include "queue/outbox.h"

#include <stdbool.h>

enum { LANE_FEWEST_HEADS = 4, LANE_HEADS = 16 };

struct route;
struct work;

/*
 * A message was refused with 400: that is its own fault if its thread answers for
 * itself afterwards, and then the same message is refused with 400 once more.
 */
struct suspicion {
    int64_t message;      /* the one refused, 0 for none; of digests, which are composed anew
                             every time, SUSPICION_DIGEST */
    bool thread_answered; /* since then; if not, it is asked before anything else is sent */
};
enum { SUSPICION_DIGEST = -1 };

struct lane {
    lane_id id;
    struct route *route;        /* borrowed */
    struct work *work;          /* what is under way for it, NULL for nothing; borrowed */
    struct agenda_item item;    /* its place among the lanes that wait for their time */
    msec_t served_steady_at;    /* start of its latest work: whoever waits longest goes first */
    msec_t look_from_steady_at; /* a message in doubt is not looked for before */
    struct suspicion suspicion; /* a 400 left open whose fault it was */
    msec_t head_since_at;       /* since when the first message has been the first */
    int64_t singly_until_rank;  /* a digest up to here was refused: one by one they go */

    struct head heads[LANE_HEADS]; /* ring */
    size_t first, count;
    size_t next_count; /* how many to read next */
    bool complete;     /* nothing waits behind these heads */
};

/* An empty lane of which nothing is known yet. */
struct lane *lane_new(lane_id id, struct route *route);
void lane_free(struct lane *lane);

/* A message was added behind all others. */
void lane_push(struct lane *lane, const struct head *head);

/* A message took over the place of another, which may be among the heads. */
void lane_replace(struct lane *lane, int64_t older_id, const struct head *head);

/* Forget the heads: their order or their states have changed in the outbox. */
void lane_forget(struct lane *lane);

/*
 * The first waiting message, read from the outbox if need be; NULL when there
 * is none, and while something is under way: the outbox would name that one.
 * Valid until the lane changes.
 */
const struct head *lane_head(struct lane *lane, struct outbox *outbox);

/* It may have appeared, and must be looked for before it goes again. */
bool head_needs_look(const struct head *head);

/* Whether messages wait, as far as is known without reading: if in doubt, they do. */
bool lane_has_more(const struct lane *lane);

/* Take the head away: it is under way now. */
void lane_pop(struct lane *lane);

#endif
