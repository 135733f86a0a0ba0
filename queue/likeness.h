/*
 * likeness.h - texts that differ in their numbers alone are alike. Pure.
 *
 *     sshd[19939]: failed for root from 218.188.2.4 port 4711
 *     sshd[20882]: failed for root from 61.53.154.93 port 62
 *
 * Every word with a digit in it counts as a number: db01 and db02 are alike, as
 * are two hashes or two times of day.
 */
#ifndef CHATRELAY_QUEUE_LIKENESS_H
#define CHATRELAY_QUEUE_LIKENESS_H

#include <stdint.h>

/* Texts that are alike have the same; others have another, but for a chance of 1 in 2^64. */
uint64_t likeness_of(const char *text);

#endif
