/*
 * see.h - a thread as its sender sees it
 */
#ifndef CHATRELAY_SETUP_SEE_H
#define CHATRELAY_SETUP_SEE_H

#include "setup/speaker.h"

/*
 * Whether the speaker is in the thread, and what was said there last: `newest` stays zeroed when
 * its newest page has nothing but notes of the service, and is to be cleared. STATUS_NOT_FOUND: the
 * thread is not there, or was deleted; STATUS_BAD_DATA: its id is none; STATUS_DENIED: the speaker
 * is not in it.
 */
enum status see_thread(struct setup *setup, struct speaker *speaker, const char *id,
                       struct shown *newest);

/* Tell of a thread as it is now in the settings: JSON, or the message, on standard output. */
void see_print(const struct setup *setup, const char *name, const struct shown *shown);

#endif
