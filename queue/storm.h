/*
 * storm.h - for how long a thread was cut off, and what that did to its messages
 *
 *     a scope on its way fails ......... none fails ---> a message is taken
 *          since_at                       until_at       '--> one report, if that was long
 *
 * A service that answers looks and takes no message is no end of a storm: that
 * comes with a message that the thread takes, or when none waits any more.
 *
 * Pure; report.c plays it.
 */
#ifndef CHATRELAY_QUEUE_STORM_H
#define CHATRELAY_QUEUE_STORM_H

#include "queue/outbox.h"

/* Why. Several may come together. */
enum storm_cause {
    STORM_UNREACHABLE = 1, /* the service, or the way to it */
    STORM_THROTTLED = 2,   /* it wanted us to be slower */
    STORM_REFUSED = 4,     /* the thread did not take us */
    STORM_TOKEN = 8,       /* we had no access token that it took */
};

/* Messages of a thread, but for the relay's own. */
struct storm_count {
    int64_t ended;   /* ever */
    int64_t expired; /* of those */
};

struct storm {
    msec_t since_at; /* 0: there is none */
    msec_t until_at; /* since when no scope has failed; 0: one does */
    unsigned causes; /* enum storm_cause */
    struct storm_count before;
};

/* What the failure of a scope is a cause for. */
enum storm_cause storm_cause_of(const struct scope_record *record);

/*
 * "relay: 12:01 to 12:40 UTC the chat was unreachable; 214 messages waited, 2
 * expired", in the process's time zone; to be freed. `waited` counts all that
 * waited for a time.
 */
char *storm_say(const struct storm *storm, int64_t waited, int64_t expired);

/* As a text for a note of the outbox, but for until_at; to be freed. "" for none. */
char *storm_format(const struct storm *storm);

/* From there; a text that is NULL or makes no sense is none. */
struct storm storm_parse(const char *text);

#endif
