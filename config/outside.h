/*
 * outside.h - what the settings name on this machine: files, users, groups
 */
#ifndef CHATRELAY_CONFIG_OUTSIDE_H
#define CHATRELAY_CONFIG_OUTSIDE_H

#include "config/config.h"

/*
 * Look at the files and the people that settings name. Errors: a secret that others can read,
 * a time zone that does not exist, an authorities' file without a certificate. A secret, a user or
 * a group that is not there yet, or a program that we cannot run, is a warning: they may come
 * later than we do.
 */
void outside_check(const struct config *config, struct config_problems *problems);

#endif
