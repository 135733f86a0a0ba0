/*
 * api_participant.h - ACS Chat: who is in a thread
 */
#ifndef CHATRELAY_SANDBOX_API_PARTICIPANT_H
#define CHATRELAY_SANDBOX_API_PARTICIPANT_H

#include "sandbox/call.h"

void api_participant_list(struct call *call, struct answer *answer);
void api_participant_add(struct call *call, struct answer *answer);
void api_participant_remove(struct call *call, struct answer *answer);
void api_participant_typing(struct call *call, struct answer *answer);
void api_participant_read_receipt(struct call *call, struct answer *answer);
void api_participant_list_receipts(struct call *call, struct answer *answer);

#endif
