/*
 * upkeep.h - what keeps the outbox healthy for years, a step at a time
 *
 *     adoption     of a database from another machine: before anything goes out
 *     succession   of a thread's name: when the settings say so
 *     retention    of what has ended: when there is nothing better to do
 *     lines        lose the places of what was sent: likewise
 */
#ifndef CHATRELAY_DAEMON_UPKEEP_H
#define CHATRELAY_DAEMON_UPKEEP_H

#include "daemon/directory.h"
#include "queue/adoption.h"
#include "queue/retention.h"
#include "queue/succession.h"

struct upkeep {
    struct adoption adoption;
    struct retention retention;
    struct succession *successions; /* under way */
    size_t succession_count;
    lane_id lines_after;          /* the pass over the lanes' lines has come so far */
    msec_t lines_steady_at;       /* the next pass */
    msec_t stepped_steady_at;     /* the latest step of retention, or of that pass */
    msec_t rests_until_steady_at; /* neither of them before */
};

/* For an outbox that was just opened. Retention and lines begin a second later. */
void upkeep_open(struct upkeep *upkeep, struct outbox *outbox, bool restored, struct moment now);

void upkeep_close(struct upkeep *upkeep);

/* Settings are about to be taken over: see which threads have another name now. */
void upkeep_configure(struct upkeep *upkeep, struct outbox *outbox,
                      const struct directory *directory);

/* What must come before anything goes out. True while there is more. */
MUST_CHECK bool upkeep_adopt(struct upkeep *upkeep, struct outbox *outbox,
                             struct dispatcher *dispatcher, const char *machine_id,
                             struct moment now);

/*
 * One step of what may wait; `is_idle` when the turn has nothing better to do.
 * Returns how long until there may be more.
 */
msec_t upkeep_step(struct upkeep *upkeep, struct outbox *outbox, struct dispatcher *dispatcher,
                   const struct retention_policy *policy, bool is_idle, struct moment now);

#endif
