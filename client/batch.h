/*
 * batch.h - chatrelay send --json-lines: many messages through one connection
 */
#ifndef CHATRELAY_CLIENT_BATCH_H
#define CHATRELAY_CLIENT_BATCH_H

#include "client/verb_send.h"

/*
 * Each line of the input is an object of the protocol; what it does not say is taken
 * from the options. A result line for each, in order, goes to standard output.
 */
enum exit_code batch_run(const struct send_options *options);

#endif
