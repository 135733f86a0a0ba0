#include "sandbox/fault_plan.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static bool add_one(struct fault_plan *plan, json_t *json, struct error *err)
{
    struct fault *fault = fault_parse(json, err);
    if (!fault)
        return false;
    fault->id = ++plan->last_id;
    plan->faults = xreallocarray(plan->faults, plan->count + 1, sizeof(struct fault *));
    plan->faults[plan->count++] = fault;
    return true;
}

bool fault_plan_add(struct fault_plan *plan, json_t *json, int *first_id, struct error *err)
{
    size_t count_before = plan->count, index = 0;
    json_t *one = NULL;

    *first_id = plan->last_id + 1;
    if (!json_is_array(json))
        return add_one(plan, json, err);
    json_array_foreach(json, index, one)
    {
        if (add_one(plan, one, err))
            continue;
        while (plan->count > count_before)
            fault_free(plan->faults[--plan->count]);
        return false;
    }
    return true;
}

/* SplitMix64: small, and the same on every machine. */
static double dice(struct fault *fault)
{
    fault->random += 0x9e3779b97f4a7c15U;
    uint64_t bits = fault->random;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
    bits ^= bits >> 31;
    return (double)(bits >> 11) * 0x1p-53;
}

static bool is_meant(const struct fault *fault, const struct fault_target *target)
{
    bool any = fault->operation == OPERATION_ANY && target->operation != OPERATION_CONNECT;
    if (!any && fault->operation != target->operation)
        return false;
    if (fault->thread[0] && (!target->thread || strcmp(fault->thread, target->thread) != 0))
        return false;
    return !fault->reused || target->reused;
}

static bool strikes(struct fault *fault)
{
    fault->seen++;
    if (fault->seen <= fault->after || (fault->count > 0 && fault->hits == fault->count))
        return false;
    return fault->probability >= 1 || dice(fault) < fault->probability;
}

const struct fault *fault_plan_match(struct fault_plan *plan, const struct fault_target *target)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct fault *fault = plan->faults[i];
        if (is_meant(fault, target) && strikes(fault)) {
            fault->hits++;
            return fault;
        }
    }
    return NULL;
}

bool fault_plan_remove(struct fault_plan *plan, int id)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->faults[i]->id != id)
            continue;
        fault_free(plan->faults[i]);
        plan->count--;
        memmove(plan->faults + i, plan->faults + i + 1, (plan->count - i) * sizeof(struct fault *));
        return true;
    }
    return false;
}

void fault_plan_clear(struct fault_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        fault_free(plan->faults[i]);
    free(plan->faults);
    *plan = (struct fault_plan){ .last_id = plan->last_id };
}

json_t *fault_plan_json(const struct fault_plan *plan)
{
    json_t *list = json_array();
    for (size_t i = 0; i < plan->count; i++) {
        const struct fault *fault = plan->faults[i];
        json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:s, s:I, s:I}", "id", fault->id,
                                              "what", fault_kind_name(fault->kind), "op",
                                              operation_name(fault->operation), "thread",
                                              fault->thread, "seen", (json_int_t)fault->seen,
                                              "hits", (json_int_t)fault->hits));
    }
    return list;
}
