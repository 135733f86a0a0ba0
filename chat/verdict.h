/*
 * verdict.h - what an answer (or its absence) means for a message. Pure.
 *
 * Every failure is charged to the smallest scope that it proves broken. A
 * status that other servers on the way use too (400, 403, 404) is the chat's
 * only in the form the chat gives its errors; else it is a gateway's.
 *
 *     success                          sent, even with a broken body
 *     400 in the API's form            refused: message or thread (SCOPE_UNCLEAR)
 *     401                              refused: sender
 *     403 in the API's form            refused: this sender in the thread (SCOPE_MEMBER)
 *     404 in the API's form            refused: thread
 *     413, 415                         refused: message
 *     429                              refused: thread, throttled
 *     408, 5xx, another 2xx            in doubt, endpoint
 *     1xx as the last word, 3xx,
 *     any other 4xx                    refused: endpoint
 *     no answer, nothing left us       unsent: endpoint
 *     no answer, something did         in doubt, endpoint
 */
#ifndef CHATRELAY_CHAT_VERDICT_H
#define CHATRELAY_CHAT_VERDICT_H

#include "chat/http.h"
#include "queue/courier.h"

/* Of a Send Chat Message request, whose success is 201. `now_at`: when the answer came. */
struct delivery verdict_of_send(const struct http_reply *reply, msec_t now_at);

/*
 * Of Update or Delete Chat Message, whose success is 204; a 200 is taken for one, too. What is
 * not there any more is deleted. Another no of 403 or 404 may be the message's fault (it is
 * somebody else's, or gone) or the thread's: SCOPE_UNCLEAR.
 */
struct delivery verdict_of_change(const struct http_reply *reply, const struct message *message,
                                  msec_t now_at);

/*
 * Of a request that only reads (List Chat Messages, Get Chat Thread Properties), whose
 * success is a whole 200: then the outcome is OUTCOME_SENT. No message is at stake, so no failure
 * is a message's.
 */
struct delivery verdict_of_list(const struct http_reply *reply, msec_t now_at);

#endif
