/*
 * ask_resource.h - the resource whose connection string the user gives
 */
#ifndef CHATRELAY_SETUP_ASK_RESOURCE_H
#define CHATRELAY_SETUP_ASK_RESOURCE_H

#include "setup/resource.h"
#include "setup/setup.h"

/*
 * Out of a file, standard input, or an answer at the terminal. `*words_text`, what a key file is to
 * hold, goes back to secret_wipe(), also when it failed.
 */
enum status ask_resource(struct setup *setup, struct resource *resource, char **words_text);

#endif
