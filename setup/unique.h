/*
 * unique.h - names that nobody else has, out of the kernel's random bytes
 */
#ifndef CHATRELAY_SETUP_UNIQUE_H
#define CHATRELAY_SETUP_UNIQUE_H

#include "queue/message.h"

/* A UUID (RFC 9562, version 4). */
enum { UNIQUE_REQUEST_SIZE = 37 };
void unique_request(char id[UNIQUE_REQUEST_SIZE]);

/* See struct message. */
void unique_stamp(char stamp[STAMP_LENGTH + 1]);

#endif
