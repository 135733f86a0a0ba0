/*
 * fault_plan.h - the faults that were asked for, and who meets them
 */
#ifndef CHATRELAY_SANDBOX_FAULT_PLAN_H
#define CHATRELAY_SANDBOX_FAULT_PLAN_H

#include "sandbox/fault.h"

/* Zeroed, it is empty. */
struct fault_plan {
    struct fault **faults;
    size_t count;
    int last_id;
};

/* What a request is, for faults. */
struct fault_target {
    enum operation operation;
    const char *thread; /* NULL: it names none */
    bool reused;
};

/*
 * Add what the JSON describes: a fault, or an array of them. All or nothing.
 * `first_id` becomes the id of the first.
 */
MUST_CHECK bool fault_plan_add(struct fault_plan *plan, json_t *json, int *first_id,
                               struct error *err);

/* The first fault that is meant for this request, counted as hit; NULL when it meets none. */
const struct fault *fault_plan_match(struct fault_plan *plan, const struct fault_target *target);

/* False when there is none with that id. */
bool fault_plan_remove(struct fault_plan *plan, int id);

void fault_plan_clear(struct fault_plan *plan);

/* [{"id", "what", "op", "thread", "seen", "hits"}] */
json_t *fault_plan_json(const struct fault_plan *plan);

#endif
