/*
 * participants.h - the people that a request names
 */
#ifndef CHATRELAY_SANDBOX_PARTICIPANTS_H
#define CHATRELAY_SANDBOX_PARTICIPANTS_H

#include "sandbox/call.h"

/*
 * Is it an array of ChatParticipants whose identifiers have the right form?
 * NULL, for nobody, is one too. When it is not, the answer says so.
 */
bool participants_are_valid(const struct call *call, json_t *participants, struct answer *answer);

/*
 * Make them participants of the thread. Gives the list of CommunicationErrors
 * about those that nobody knows, empty when there are none; `joined`, an array,
 * gets the ChatParticipants that are new, so that the caller can say so.
 */
json_t *participants_join(const struct call *call, struct thread *thread, json_t *participants,
                          json_t *joined);

#endif
