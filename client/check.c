#include "client/check.h"

#include "client/say.h"
#include "wire/answer.h"
#include "wire/request.h"

bool check_bytes(const char *line, size_t length, struct text *refused)
{
    struct request request CLEANUP(request_clear);
    struct refusal refusal;

    if (request_parse(line, length, clock_now(&clock_system).at, &request, &refusal))
        return true;
    answer_refused(refused, &refusal, request.ref);
    return false;
}

enum exit_code check_say(const struct refusal *refusal, bool json)
{
    struct text refused CLEANUP(text_clear) = { 0 };
    struct answer answer CLEANUP(answer_clear) = { 0 };
    answer_refused(&refused, refusal, NULL);
    return answer_parse(refused.bytes, refused.length, &answer, NULL) ? say_refusal(&answer, json)
                                                                      : EXIT_CODE_BAD_DATA;
}

bool check_line(const struct text *line, bool json, enum exit_code *code)
{
    struct request request CLEANUP(request_clear);
    struct refusal refusal;
    if (request_parse(line->bytes, line->length - 1, clock_now(&clock_system).at, &request,
                      &refusal))
        return true;
    *code = check_say(&refusal, json);
    return false;
}

bool check_leaves_doubt(const struct refusal *refusal)
{
    return refusal->retry || refusal->word == REFUSAL_DENIED ||
           refusal->word == REFUSAL_UNKNOWN_THREAD;
}
