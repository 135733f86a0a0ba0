#include "client/question.h"

#include "client/relay.h"
#include "client/say.h"

#include <stdio.h>

void question_print(const struct common_options *common, const json_t *answer,
                    void (*describe)(struct text *out, const json_t *answer, msec_t now_at))
{
    struct text out CLEANUP(text_clear) = { 0 };
    if (common->json) {
        say_json(answer);
        return;
    }
    if (describe)
        describe(&out, answer, clock_now(&clock_system).at);
    if (out.bytes)
        fputs(out.bytes, stdout);
}

enum exit_code question_change(const struct common_options *common, const struct text *line,
                               const char *look,
                               void (*describe)(struct text *out, const json_t *answer,
                                                msec_t now_at))
{
    struct relay relay CLEANUP(relay_close) = relay_named_by(common);
    struct answer answer CLEANUP(answer_clear) = { 0 };
    enum exit_code code;
    if (relay_ask_change(&relay, line, look, common->json, &answer, &code))
        question_print(common, answer.root, describe);
    return code;
}

enum exit_code question_ask(const struct common_options *common, const struct text *line,
                            void (*describe)(struct text *out, const json_t *answer, msec_t now_at))
{
    struct relay relay CLEANUP(relay_close) = relay_named_by(common);
    struct answer answer CLEANUP(answer_clear) = { 0 };
    enum exit_code code;
    if (relay_ask_simply(&relay, line, common->json, &answer, &code))
        question_print(common, answer.root, describe);
    return code;
}
