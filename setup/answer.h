/*
 * answer.h - what an answer of the service means for whoever set it up. Pure.
 */
#ifndef CHATRELAY_SETUP_ANSWER_H
#define CHATRELAY_SETUP_ANSWER_H

#include "base/error.h"
#include "chat/http.h"
#include "setup/status.h"

/*
 * STATUS_DONE when it is the one that was hoped for: the status `wanted`, and a whole
 * body. Else `err` says what came instead, with the MS-CV that Azure's support asks
 * for and without anything of a body that is not an error of the API's. `who`: "the chat".
 */
enum status answer_judge(const struct http_reply *reply, int wanted, const char *who,
                         struct error *err);

#endif
