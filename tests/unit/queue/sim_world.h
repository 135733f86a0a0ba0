/*
 * sim_world.h - the real queue floor plays a program, and is judged
 */
#ifndef CHATRELAY_TESTS_UNIT_QUEUE_SIM_WORLD_H
#define CHATRELAY_TESTS_UNIT_QUEUE_SIM_WORLD_H

#include "tests/unit/queue/sim_program.h"

struct sim_result {
    char failure[256]; /* "" when every promise was kept */
    size_t messages;   /* accepted */
    size_t sent;       /* of these */
    size_t changes;    /* updates and deletes that were sent */
    size_t attempts, digests, looks, restarts, turns;
    msec_t lasted_ms; /* of virtual time */
};

/* Play it to the end, or to the first broken promise. What happens is written to `trace`, if any.
 */
void sim_world_play(const struct sim_program *program, struct sim_result *result, FILE *trace);

#endif
