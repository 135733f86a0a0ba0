/*
 * unique.h - names that nobody else has, out of the kernel's random bytes
 */
#ifndef CHATRELAY_SETUP_UNIQUE_H
#define CHATRELAY_SETUP_UNIQUE_H

#include "base/uuid.h"
#include "queue/message.h"

/* A UUID. */
void unique_request(char id[UUID_TEXT_SIZE]);

/* See struct message. */
void unique_stamp(char stamp[STAMP_LENGTH + 1]);

#endif
