/*
 * premade.h - what exists from the start
 */
#ifndef CHATRELAY_SANDBOX_PREMADE_H
#define CHATRELAY_SANDBOX_PREMADE_H

#include "sandbox/options.h"

/* Make the identities, threads and token files that the command line names. */
MUST_CHECK bool premade_make(const struct options *options, struct error *err);

#endif
