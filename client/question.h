/*
 * question.h - a verb that asks one thing and prints the answer
 */
#ifndef CHATRELAY_CLIENT_QUESTION_H
#define CHATRELAY_CLIENT_QUESTION_H

#include "client/verb.h"
#include "wire/answer.h"

/*
 * Ask `line`; print the answer as JSON, or as `describe` puts it (NULL: not at
 * all). The exit code is that of the answer.
 */
enum exit_code question_ask(const struct common_options *common, const struct text *line,
                            void (*describe)(struct text *out, const json_t *answer,
                                             msec_t now_at));

/* The same of what changes something; the command `look` tells whether it was done when no answer
 * came: relay_ask_change(). */
enum exit_code question_change(const struct common_options *common, const struct text *line,
                               const char *look,
                               void (*describe)(struct text *out, const json_t *answer,
                                                msec_t now_at));

/* The same of an answer that has come already. */
void question_print(const struct common_options *common, const json_t *answer,
                    void (*describe)(struct text *out, const json_t *answer, msec_t now_at));

#endif
