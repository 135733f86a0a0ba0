/*
 * event_log.h - what happened to messages: the operation log
 *
 *     {"at":1795262400000,"id":42,"thread":"ops","attempt":1,"status":"sent","http":201,...}
 *
 * Without `follow` it answers the attempts that are stored, newest first, in
 * pages. With it the connection becomes a stream of events as they happen, each
 * after its commit. Everybody sees what is about their own messages, operators
 * all. A client that does not read misses events rather than filling our
 * memory; it is told how many.
 */
#ifndef CHATRELAY_DAEMON_EVENT_LOG_H
#define CHATRELAY_DAEMON_EVENT_LOG_H

#include "daemon/desk.h"
#include "queue/control.h"

void event_log_answer(struct desk *desk, struct peer *peer, const struct request *request);

/* Tell those who follow. Call in the turn in which it happens. */
void event_log_accepted(struct desk *desk, const struct message *message, const char *thread);
void event_log_settled(struct desk *desk, const struct settlement *settlement);
void event_log_moved(struct desk *desk, const struct message *message, const char *by);

/*
 * A digest has ended, and so has a message in it: its owner sees that, operators the digest. Each
 * is read for it, so ask first whether anybody wants to know.
 */
bool event_log_asks_for_originals(const struct desk *desk, const struct message *digest);
void event_log_ended_in(struct desk *desk, int64_t id, const struct message *digest,
                        const char *thread);

/* A message was folded into another. */
void event_log_folded(struct desk *desk, const struct message *message, int64_t into_id,
                      const char *thread);

#endif
