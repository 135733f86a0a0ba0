/*
 * A line from the socket, whatever is in it: it is parsed or refused, and in both
 * cases the answer is one line of JSON that the client can read.
 */
#include "wire/answer.h"
#include "wire/request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static void expect_one_line_of_json(const struct text *line, bool ok)
{
    struct answer answer;
    insist(memchr(line->bytes, '\n', line->length) == line->bytes + line->length - 1);
    insist(answer_parse(line->bytes, line->length - 1, &answer, NULL));
    insist(answer.ok == ok);
    answer_clear(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request;
    struct refusal refusal;
    struct text line = { 0 };
    struct acceptance acceptance = { .id = 1, .state = "pending" };

    bool parsed = request_parse((const char *)data, size, 1000, &request, &refusal);
    if (parsed)
        answer_accepted(&line, &acceptance, request.ref);
    else
        answer_refused(&line, &refusal, request.ref);
    expect_one_line_of_json(&line, parsed);
    text_clear(&line);
    request_clear(&request);
    return 0;
}
