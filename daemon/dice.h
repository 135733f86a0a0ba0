/*
 * dice.h - randomness, bought from the kernel in bulk
 */
#ifndef CHATRELAY_DAEMON_DICE_H
#define CHATRELAY_DAEMON_DICE_H

#include "queue/message.h"

enum { DICE_STORE = 4096 };

/* Zeroed, it is empty. */
struct dice {
    unsigned char bytes[DICE_STORE];
    size_t left;
};

uint32_t dice_roll(struct dice *dice);

/* A stamp that nobody else has: 128 random bits in hexadecimal. */
void dice_stamp(struct dice *dice, char stamp[STAMP_LENGTH + 1]);

#endif
