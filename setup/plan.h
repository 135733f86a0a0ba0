/*
 * plan.h - what is about to be made, noted before it is
 *
 * Each goal ("thread ops") has notes: ids that were chosen for it, and what the
 * service answered. Whoever comes after a crash finds them, and makes nothing twice. A
 * goal that is reached is forgotten. No secret is among the notes.
 */
#ifndef CHATRELAY_SETUP_PLAN_H
#define CHATRELAY_SETUP_PLAN_H

#include "base/error.h"

struct plan;

/* The one in the file at `path`, or an empty one. NULL when it cannot be read. */
struct plan *plan_open(const char *path, struct error *err);

/* NULL is fine. */
void plan_free(struct plan *plan);

/* An earlier run, or this one, has begun what is not reached. */
bool plan_has_goals(const struct plan *plan);

/* NULL when nothing is noted. Borrowed until the next note on the same goal. */
const char *plan_get(const struct plan *plan, const char *goal, const char *name);

/* It is on disk when this returns true. NULL: forget it. */
MUST_CHECK bool plan_note(struct plan *plan, const char *goal, const char *name, const char *value,
                          struct error *err);

/* Forget the goal; without goals there is no file. */
MUST_CHECK bool plan_reached(struct plan *plan, const char *goal, struct error *err);

#endif
