/*
 * turn_cost.h - what the longest turn since the start has taken
 *
 * A turn that takes long makes everybody wait: so none may, however much waits.
 * The processor's time is told apart from writing to the disk (a commit, or
 * tending the outbox between turns), which no program of ours can hasten.
 */
#ifndef CHATRELAY_DAEMON_TURN_COST_H
#define CHATRELAY_DAEMON_TURN_COST_H

#include <stdint.h>

/* Zeroed, then turn_cost_start(). All times are microseconds. */
struct turn_cost {
    int64_t turn_cpu_us;        /* of this thread, when the turn began */
    int64_t write_cpu_us;       /* likewise, when writing began */
    int64_t write_steady_at_us; /* then */
    int64_t longest_cpu_us, longest_write_us;
};

/* The first turn begins. */
void turn_cost_start(struct turn_cost *cost);

void turn_cost_begin_write(struct turn_cost *cost);
void turn_cost_end_write(struct turn_cost *cost);

/* The turn is over, and the next one begins: waiting for it takes no processor's time. */
void turn_cost_end_turn(struct turn_cost *cost);

#endif
