/*
 * greeting.h - the first word in a new thread
 */
#ifndef CHATRELAY_SETUP_GREETING_H
#define CHATRELAY_SETUP_GREETING_H

#include "setup/speaker.h"

/*
 * Say a first word in the thread, unless that was done, and show it as the chat does; the
 * thread is finished then.
 */
enum status greeting_say(struct setup *setup, const char *name, struct speaker *speaker);

#endif
