/*
 * random.h - numbers that look random and can be had again from their seed
 *
 * splitmix64 (Steele, Lea, Flood 2014): one word of state, any seed will do.
 */
#ifndef CHATRELAY_TESTS_FAKES_RANDOM_H
#define CHATRELAY_TESTS_FAKES_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

uint64_t random_bits(struct random *random);

/* From `least` to `most`, both included. */
int64_t random_between(struct random *random, int64_t least, int64_t most);

/* True so many times out of a hundred. */
bool random_percent(struct random *random, int percent);

#endif
