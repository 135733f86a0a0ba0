/*
 * connection_string.h - senders whose endpoint stands in their connection string
 */
#ifndef CHATRELAY_CONFIG_CONNECTION_STRING_H
#define CHATRELAY_CONFIG_CONNECTION_STRING_H

#include "config/config.h"

/*
 * Give each sender with a connection_string_file the endpoint that stands in it. A
 * file that is not there, that others may use, or that holds no such thing is an
 * error: without an endpoint there is nowhere to send to. The key beside it is
 * wiped, and no problem repeats anything of the file.
 */
void connection_strings_read(struct config *config, struct config_problems *problems);

#endif
