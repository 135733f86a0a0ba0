/*
 * answer.h - what the service answers, before it becomes bytes on a connection
 */
#ifndef CHATRELAY_SANDBOX_ANSWER_H
#define CHATRELAY_SANDBOX_ANSWER_H

#include "base/clock.h"
#include "base/text.h"

#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <jansson.h>
#include <stdbool.h>
#include <sys/queue.h>

struct answer {
    int status;
    struct evkeyvalq headers;
    struct text body;
};

/* Who refuses, and how. */
enum error_shape {
    ERROR_OBSERVED, /* {"CommunicationError":{"Code","Message","Details"}}, as the chat service does
                     */
    ERROR_DOCUMENTED, /* {"error":{"code","message"}}, as the documentation has it */
    ERROR_EMPTY,      /* no body */
    ERROR_HTML,       /* a gateway's page */
};

/* "observed", "documented", "empty", "html". False for anything else. */
bool error_shape_parse(const char *name, enum error_shape *shape);

/* How an answer says when to come back. */
enum retry_after_form {
    RETRY_AFTER_NONE,
    RETRY_AFTER_SECONDS, /* Retry-After: 3 */
    RETRY_AFTER_DATE,    /* Retry-After: Sun, 06 Nov 1994 08:49:37 GMT */
    RETRY_AFTER_MS,      /* retry-after-ms: 3000 */
    RETRY_AFTER_X_MS,    /* x-ms-retry-after-ms: 3000 */
};

/* "none", "seconds", "date", "retry-after-ms", "x-ms-retry-after-ms". False for anything else. */
bool retry_after_form_parse(const char *name, enum retry_after_form *form);

void answer_init(struct answer *answer);
void answer_clear(struct answer *answer);

/* Set a header, in place of one of that name. */
void answer_header(struct answer *answer, const char *name, const char *value);

/* An answer without a body. */
void answer_empty(struct answer *answer, int status);

/* Takes the JSON over. */
void answer_json(struct answer *answer, int status, json_t *json);

/* A body as it is, in place of what there was. */
void answer_text(struct answer *answer, const char *content_type, const char *text);

/* A refusal. The code follows from the status; ACS leaves out the message at times: NULL. */
void answer_error(struct answer *answer, enum error_shape shape, int status, const char *message);

/* `wait_ms` is of the machine's time; where seconds are wanted it is rounded up. */
void answer_retry_after(struct answer *answer, enum retry_after_form form, msec_t wait_ms,
                        msec_t now_at);

/* "Too Many Requests", or "Unknown". */
const char *http_reason(int status);

#endif
