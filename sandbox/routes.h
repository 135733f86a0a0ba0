/*
 * routes.h - every operation of the sandbox, as a table
 */
#ifndef CHATRELAY_SANDBOX_ROUTES_H
#define CHATRELAY_SANDBOX_ROUTES_H

#include "sandbox/call.h"

/* Ends with an entry without a pattern. */
extern const struct route routes[];

#endif
