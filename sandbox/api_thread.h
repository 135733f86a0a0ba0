/*
 * api_thread.h - ACS Chat: threads
 */
#ifndef CHATRELAY_SANDBOX_API_THREAD_H
#define CHATRELAY_SANDBOX_API_THREAD_H

#include "sandbox/call.h"

void api_thread_create(struct call *call, struct answer *answer);
void api_thread_list(struct call *call, struct answer *answer);
void api_thread_properties(struct call *call, struct answer *answer);
void api_thread_update(struct call *call, struct answer *answer);
void api_thread_delete(struct call *call, struct answer *answer);

#endif
