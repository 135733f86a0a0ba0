/*
 * member.h - members of answers: what does not apply is left out
 */
#ifndef CHATRELAY_DAEMON_MEMBER_H
#define CHATRELAY_DAEMON_MEMBER_H

#include <jansson.h>
#include <stdint.h>

/* None if `text` is NULL or empty. */
void member_text(json_t *object, const char *name, const char *text);

/* None if `number` is 0. */
void member_number(json_t *object, const char *name, int64_t number);

/* Also 0. */
void member_count(json_t *object, const char *name, int64_t number);

#endif
