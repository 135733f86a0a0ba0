/*
 * pager.h - call a person by another way than the chat (setting alarm_command)
 *
 *     needed --run--> told --(alarm_every)--> still needed, or anew --run--> ...
 *
 * The command is run after the commit of the turn that decided it, and that it
 * was is stored: a restart does not run it again too soon. A loss counts as told
 * when the command has succeeded.
 */
#ifndef CHATRELAY_DAEMON_PAGER_H
#define CHATRELAY_DAEMON_PAGER_H

#include "daemon/desk.h"

struct pager;
struct event_base;

/* `loop` and `desk` are borrowed. */
struct pager *pager_new(struct event_base *loop, struct desk *desk);

/* A command that runs is killed. NULL is fine. */
void pager_free(struct pager *pager);

/*
 * Note in the outbox, as part of the turn, what it lost, and how the latest call ended: nothing
 * of that is forgotten by a restart before a person knows. Before pager_look().
 */
void pager_note(struct pager *pager);

/*
 * Look whether a person is needed, as part of the turn. Returns how long until that
 * is to be looked at again at the latest: MSEC_NEVER for "when something changes".
 */
msec_t pager_look(struct pager *pager);

/* The turn is committed: run the command, if that was decided. */
void pager_ring(struct pager *pager);

/*
 * The outbox is damaged, and we end: run the command for that, and wait for it. Not again
 * within alarm_every, however often we are started meanwhile: an empty file beside the
 * outbox, whose name ends in ".alarm", is as old as the latest call. Where that cannot be
 * written, which is logged, somebody is called rather too often than not at all.
 */
void pager_ring_last(struct pager *pager);

/*
 * Pure: how long to wait before a person is called who was called at `rung_at`
 * (0: never), if at most one call is wanted in `every_ms`. A call from the future,
 * of a clock that was set, does not count.
 */
msec_t pager_wait_ms(msec_t rung_at, msec_t every_ms, msec_t now_at);

/* Pure: the same `every_ms` after a call that failed, which is made again a little sooner. */
msec_t pager_every_ms(msec_t every_ms, bool has_failed);

#endif
