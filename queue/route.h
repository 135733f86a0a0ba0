/*
 * route.h - the way from a thread of our settings to a remote thread
 *
 *     lane --.
 *     lane ---- route ---- place (remote thread) ---- endpoint
 *     lane --'      '----- sender
 *
 * Two routes may lead to one place: they share its windows and its troubles, but
 * for what it refuses to one sender alone, and renaming a thread resets nothing. Places, senders
 * and endpoints live as long as the table, because what is under way refers to them.
 */
#ifndef CHATRELAY_QUEUE_ROUTE_H
#define CHATRELAY_QUEUE_ROUTE_H

#include "queue/digest.h"
#include "queue/lane.h"
#include "queue/late_mark.h"
#include "queue/pacer.h"
#include "queue/scope.h"
#include "queue/storm.h"

/* What becomes of a message whose answer was lost, so that it may have appeared. */
enum on_doubt {
    ON_DOUBT_LOOK,       /* look whether it did, before anything else of its lane goes */
    ON_DOUBT_HOLD,       /* set it aside until somebody releases it, then look */
    ON_DOUBT_RISK_TWICE, /* post it again, at once */
};

/* What the settings say of a thread. Strings are borrowed for the call. */
struct route_setup {
    const char *name;     /* in our settings */
    const char *endpoint; /* such as https://name.communication.azure.com */
    const char *thread;   /* the chat's id of it */
    const char *sender;   /* in our settings */
    struct pacer_limits limits;
    struct retry_policy thread_retry;   /* after a no that proves the thread broken */
    struct retry_policy endpoint_retry; /* likewise the endpoint; the sender's is the thread's */
    struct late_mark_rule late_mark;
    msec_t report_after_ms; /* cut off for longer than that, the thread is told; or MSEC_NEVER */
    struct digest_rule digest;
    msec_t settle_ms; /* "not there" is believed of a look begun so long after the attempt's end */
    enum on_doubt on_doubt;
};

/* A sender that a remote thread has refused, while another may write there. */
struct member {
    struct member *next;
    const struct scope_state *sender;
    struct scope_state scope;
};

/* A remote thread. */
struct place {
    int64_t id;           /* outbox_place() */
    struct route *routes; /* that lead here, linked by next_here */
    struct member *members;
    char *endpoint, *thread;
    struct scope_state scope;
    struct pacer pacer;       /* sends, updates, deletes */
    struct pacer looks;       /* lists */
    msec_t round_trip_ms;     /* of late, smoothed */
    size_t harvests;          /* looks whose findings are still to be written down */
    int64_t taken;            /* messages, in this run */
    int64_t stored_newest_id; /* scope.record.newest_id as it is in the outbox */
};

struct route {
    int64_t thread; /* outbox_thread() */
    char *name;
    struct place *place;
    struct route *next_here; /* another route to the same place */
    struct scope_state *sender;
    struct scope_state *endpoint;
    struct retry_policy thread_retry, endpoint_retry;
    struct late_mark_rule late_mark;
    msec_t report_after_ms;
    struct storm storm;  /* of report.c alone, as the next three */
    int64_t storm_taken; /* place->taken when a scope last failed */
    bool storm_is_known, storm_is_stored;
    struct digest_rule digest;
    msec_t settle_ms;
    enum on_doubt on_doubt;
    bool gone;                      /* not in the settings any more */
    struct lane *lanes[PRIORITIES]; /* NULL until it has had a message */
};

/*
 * What a message has to get through, the widest first. Each of them may fail, and then it waits.
 * Returns how many.
 */
enum { ROUTE_MOST_SCOPES = 4 };
size_t route_scopes(const struct route *route, struct scope_state *scopes[ROUTE_MOST_SCOPES]);

struct routes;

/* Reads what is stored of the scopes. `outbox` is borrowed for good. */
struct routes *routes_new(struct outbox *outbox, struct moment now);
void routes_free(struct routes *routes);

/*
 * Replace the settings: what is not among them is gone, what was there before
 * keeps its lanes, windows and waits. Lanes forget their heads, since nobody
 * told them of changes while their thread was gone.
 */
void routes_configure(struct routes *routes, const struct route_setup *setups, size_t count,
                      struct moment now);

/* Allow a place only so many percent of its pace. */
void place_set_pace(struct place *place, int64_t percent);

/* The way of a thread's number, NULL when it is not in the settings. */
struct route *routes_find(struct routes *routes, int64_t thread);

/* A place by its number, wherever it is from; NULL when the outbox does not know it. */
struct place *routes_place(struct routes *routes, int64_t id);

/* The scope of a sender in a place; NULL for one that was never refused there. */
struct scope_state *place_member(const struct place *place, const struct scope_state *sender);

/* The same, made when it is asked for first. Lives as long as the table. */
struct scope_state *routes_member(struct routes *routes, struct place *place,
                                  const struct scope_state *sender);

/* The scope of an endpoint, made when it is asked for first. Lives as long as the table. */
struct scope_state *routes_endpoint(struct routes *routes, const char *endpoint);

/* Every route that is not gone, one by one: NULL gives the first, NULL comes at the end. */
struct route *routes_next(struct routes *routes, const struct route *after);

#endif
