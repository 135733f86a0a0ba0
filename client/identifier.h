/*
 * identifier.h - the id of a message, from the command line
 */
#ifndef CHATRELAY_CLIENT_IDENTIFIER_H
#define CHATRELAY_CLIENT_IDENTIFIER_H

#include "base/error.h"
#include "client/option.h"

#include <stdint.h>

/* Whether a word is one: a number from 1. */
MUST_CHECK bool identifier_parse(const char *word, int64_t *id);

/* The one argument there must be. */
MUST_CHECK bool identifier_read(const struct strings *arguments, int64_t *id, struct error *err);

#endif
