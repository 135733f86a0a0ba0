/*
 * see.h - whether a thread is there for its sender
 */
#ifndef CHATRELAY_SETUP_SEE_H
#define CHATRELAY_SETUP_SEE_H

#include "setup/setup.h"

/*
 * Whether the speaker is in the thread, and what was said there last: `newest` stays zeroed when
 * its newest page has nothing but notes of the service, and is to be cleared. STATUS_NOT_FOUND: the
 * thread is not there, or was deleted; STATUS_DENIED: the speaker is not in it.
 */
enum status see_thread(struct setup *setup, struct speaker *speaker, const char *id,
                       struct shown *newest);

#endif
