/*
 * trial.h - whether the relay would take the settings with what is about to be made
 *
 * Asked before the service is: what it makes for settings that are refused then helps nobody.
 * STATUS_BAD_SETTINGS, with the problems on standard error, when it would not.
 */
#ifndef CHATRELAY_SETUP_TRIAL_H
#define CHATRELAY_SETUP_TRIAL_H

#include "setup/resource.h"
#include "setup/setup.h"

/* With a new sender of the resource, and with `thread`, which it shall speak in (NULL: none). */
enum status trial_sender(struct setup *setup, const char *name, const struct resource *resource,
                         const char *thread);

/* With a thread of this sender of the settings, new or in place of the one of that name. */
enum status trial_thread(struct setup *setup, const char *name, const char *sender);

#endif
