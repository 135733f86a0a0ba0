/*
 * member.h - members of answers, as the verbs read them
 */
#ifndef CHATRELAY_CLIENT_MEMBER_H
#define CHATRELAY_CLIENT_MEMBER_H

#include <jansson.h>
#include <stdint.h>

/* "" when there is none, or it is no string. */
const char *member_string(const json_t *object, const char *name);

/* 0 when there is none, or it is no integer. */
int64_t member_integer(const json_t *object, const char *name);

#endif
