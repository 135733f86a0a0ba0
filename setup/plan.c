#include "setup/plan.h"

#include "base/memory.h"
#include "base/new_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct plan {
    char *path;
    json_t *goals;
};

struct plan *plan_open(const char *path, struct error *err)
{
    json_error_t problem;
    json_t *goals = NULL;
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        goals = json_object();
    } else {
        goals = json_load_file(path, 0, &problem);
        if (!json_is_object(goals)) {
            error_set(err, "%s: what an earlier run had begun cannot be read: %s", path,
                      goals ? "it is no object" : problem.text);
            json_decref(goals);
            return NULL;
        }
    }
    struct plan *plan = xcalloc(1, sizeof *plan);
    *plan = (struct plan){ .path = xstrdup(path), .goals = goals };
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    json_decref(plan->goals);
    free(plan->path);
    free(plan);
}

bool plan_has_goals(const struct plan *plan)
{
    return json_object_size(plan->goals) > 0;
}

const char *plan_get(const struct plan *plan, const char *goal, const char *name)
{
    return json_string_value(json_object_get(json_object_get(plan->goals, goal), name));
}

static bool save(const struct plan *plan, struct error *err)
{
    CLEANUP(free_memory) char *bytes = json_dumps(plan->goals, JSON_INDENT(2));
    const struct new_file file = { plan->path, bytes, strlen(bytes), 0600, NULL };
    return new_file_write(&file, err);
}

bool plan_note(struct plan *plan, const char *goal, const char *name, const char *value,
               struct error *err)
{
    json_t *notes = json_object_get(plan->goals, goal);
    if (!json_is_object(notes)) {
        notes = json_object();
        json_object_set_new(plan->goals, goal, notes);
    }
    if (value)
        json_object_set_new(notes, name, json_string(value));
    else if (json_object_del(notes, name) != 0)
        return true;
    return save(plan, err);
}

bool plan_reached(struct plan *plan, const char *goal, struct error *err)
{
    if (json_object_del(plan->goals, goal) != 0)
        return true;
    if (json_object_size(plan->goals) > 0)
        return save(plan, err);
    return unlink(plan->path) == 0 || errno == ENOENT ||
           error_set(err, "cannot remove %s: %s", plan->path, strerrordesc_np(errno));
}
