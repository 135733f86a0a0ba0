/*
 * answer.h - what the relay answers: one line, one JSON object
 *
 *     {"ok":true,"id":42,"state":"pending","position":1,"eta_ms":0}
 *     {"ok":false,"error":"invalid","field":"content","message":"content is empty","retry":false}
 *
 * The daemon writes, the client reads. Every writer appends one whole line with
 * its newline; `ref` is the request's, NULL for none. Strings that are not UTF-8
 * come out with U+FFFD in place of what is not, so a line is always valid JSON.
 */
#ifndef CHATRELAY_WIRE_ANSWER_H
#define CHATRELAY_WIRE_ANSWER_H

#include "base/error.h"
#include "base/text.h"
#include "wire/refusal.h"

#include <jansson.h>
#include <stdint.h>

/* What `send` is answered: the message is on disk. */
struct acceptance {
    int64_t id;
    const char *state; /* "pending"; of a duplicate, whatever became of the first */
    int64_t position;  /* 1 is the next of its lane; left out if negative */
    int64_t eta_ms;    /* until it is sent, as things stand; left out if negative */
    bool duplicate;    /* `once` was known: this is the first one's id, nothing was stored */
};

/* The hot path: does without jansson. */
void answer_accepted(struct text *out, const struct acceptance *acceptance, const char *ref);

void answer_refused(struct text *out, const struct refusal *refusal, const char *ref);

/* {"ok":true, the members of `object`, "ref":...}. `object` stays the caller's; NULL for none. */
void answer_json(struct text *out, const json_t *object, const char *ref);

/* An answer as the client reads it. */
struct answer {
    json_t *root; /* the whole object */
    bool ok;
    struct refusal refusal; /* if not ok */
};

/*
 * Read one line (no newline, no NUL needed). False if this is not an answer of
 * the protocol; `answer` is then zeroed. A word of a newer relay's that we do
 * not know reads as invalid with the `retry` that it came with.
 */
MUST_CHECK bool answer_parse(const char *line, size_t length, struct answer *answer,
                             struct error *err);

/* Also for a zeroed answer, and twice. Also for CLEANUP(). */
void answer_clear(struct answer *answer);

#endif
