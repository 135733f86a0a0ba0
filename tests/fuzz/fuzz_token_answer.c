/* An access token as the identity service, or a program of the operator's, hands it over. */
#include "base/secret_file.h"
#include "chat/token_answer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* It goes into a header as it is. */
static void check(const struct fresh_token *token)
{
    size_t length = strlen(token->text);
    if (length == 0 || length > TOKEN_LONGEST)
        abort();
    for (size_t i = 0; i < length; i++)
        if (token->text[i] <= ' ' || token->text[i] >= 0x7f)
            abort();
    if (token->expires_at < 0)
        abort();
}

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fresh_token answer, output;
    struct error err;
    bool is_answer = token_answer_parse((const char *)data, size, &answer, &err);
    bool is_output = token_output_parse((const char *)data, size, &output, &err);
    if (is_answer)
        check(&answer);
    if (is_output)
        check(&output);
    if (is_answer && !is_output)
        abort(); /* what the service says, a program may print */
    secret_wipe(answer.text);
    secret_wipe(output.text);
    return 0;
}
