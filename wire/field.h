/*
 * field.h - the fields of requests, one row each
 *
 * Private to wire/request.c: a row knows its name, what is allowed in it, which
 * operations have it, and how it gets into struct request.
 */
#ifndef CHATRELAY_WIRE_FIELD_H
#define CHATRELAY_WIRE_FIELD_H

#include "wire/request.h"

/* A set of operations, as a mask. */
#define FIELD_OP(op) (UINT32_C(1) << (op))

struct field;

/* What a row's reader works on. */
struct reading {
    msec_t now_at;
    struct request *request;
    struct refusal *refusal;
};

typedef bool field_reader(const struct field *field, json_t *value, struct reading *reading);

struct field {
    const char *name;
    field_reader *read;  /* NULL: read before all others, by request_parse() itself */
    size_t offset;       /* of the member of struct request */
    uint32_t ops;        /* who has it */
    uint32_t needed;     /* who cannot do without */
    int64_t least, most; /* integers: bounds. Strings: bytes, `most` 0 for no bound of their own */
    const char *const *words; /* by enum value; NULL where a value has no word */
    size_t word_count;
};

extern const struct field fields[];
extern const size_t field_count;

/* NULL if there is none of that name. */
const struct field *field_find(const char *name);

/* "an integer": how messages name the kind of a value. */
const char *field_kind_of(const json_t *value);

#endif
