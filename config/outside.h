/*
 * outside.h - what the settings name in the file system
 */
#ifndef CHATRELAY_CONFIG_OUTSIDE_H
#define CHATRELAY_CONFIG_OUTSIDE_H

#include "config/config.h"

/*
 * Look at the files that settings name. Errors: a secret that others can read,
 * a time zone that does not exist, an authorities' file without a certificate. A secret that is not
 * there yet is a warning: whoever writes it may come later than we do.
 */
void outside_check(const struct config *config, struct config_problems *problems);

#endif
