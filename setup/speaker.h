/*
 * speaker.h - a sender of the settings, speaking: an identity with a fresh token
 */
#ifndef CHATRELAY_SETUP_SPEAKER_H
#define CHATRELAY_SETUP_SPEAKER_H

#include "setup/member.h"
#include "setup/resource.h"
#include "setup/setup.h"

struct speaker {
    struct resource resource; /* without keys when the sender has none */
    struct fresh_token token;
    char *identity, *display_name, *ca_file, *proxy, *api_version; /* `config` may be read anew */
    struct member member;                                          /* borrows all of these */
};

/* To be closed also when it failed. STATUS_NOT_FOUND: the sender's identity is gone. */
enum status speaker_open(struct setup *setup, const struct config_sender *sender,
                         struct speaker *speaker);
void speaker_close(struct speaker *speaker);

#endif
