/*
 * usage.h - help, written from the tables of verbs and options
 */
#ifndef CHATRELAY_CLIENT_USAGE_H
#define CHATRELAY_CLIENT_USAGE_H

#include "base/text.h"
#include "client/verb.h"

/* What the command can do. */
void usage_of_command(struct text *out);

/* One verb with all its options. */
void usage_of_verb(struct text *out, const struct verb *verb);

#endif
