/*
 * api_message.h - ACS Chat: messages
 */
#ifndef CHATRELAY_SANDBOX_API_MESSAGE_H
#define CHATRELAY_SANDBOX_API_MESSAGE_H

#include "sandbox/call.h"

void api_message_send(struct call *call, struct answer *answer);
void api_message_list(struct call *call, struct answer *answer);
void api_message_get(struct call *call, struct answer *answer);
void api_message_update(struct call *call, struct answer *answer);
void api_message_delete(struct call *call, struct answer *answer);

#endif
