/*
 * relations.h - what the settings mean together
 */
#ifndef CHATRELAY_CONFIG_RELATIONS_H
#define CHATRELAY_CONFIG_RELATIONS_H

#include "config/config.h"

/*
 * Give each thread its sender and its `allow`, find the default thread, and fill
 * in what is found out rather than set. What does not fit together is a problem.
 */
void relate(struct config *config, struct config_problems *problems);

#endif
