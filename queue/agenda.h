/*
 * agenda.h - things that wait for their time, the earliest first
 *
 * A binary heap of items that live inside what waits. Items of the same time
 * come out in the order in which they were put in, so that none is starved.
 */
#ifndef CHATRELAY_QUEUE_AGENDA_H
#define CHATRELAY_QUEUE_AGENDA_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

struct agenda_item {
    msec_t at;
    uint64_t ticket; /* order of arrival */
    size_t position; /* in the heap, AGENDA_OUTSIDE when not in it */
};

#define AGENDA_OUTSIDE SIZE_MAX

/* Zeroed, it is empty. */
struct agenda {
    struct agenda_item **items;
    size_t count, capacity;
    uint64_t tickets;
};

void agenda_clear(struct agenda *agenda);

void agenda_item_init(struct agenda_item *item);

/* Put an item in, or move it to another time: then it goes behind those of the same time. */
void agenda_put(struct agenda *agenda, struct agenda_item *item, msec_t at);

/* Take it out; nothing happens if it is not in. */
void agenda_remove(struct agenda *agenda, struct agenda_item *item);

/* The earliest item, NULL when there is none. */
struct agenda_item *agenda_first(const struct agenda *agenda);

#endif
