#include "client/result.h"

#include "base/quote.h"
#include "base/text.h"
#include "client/check.h"

#include <stdio.h>

void result_print_own(bool may_be_stored, const char *why, const char *once)
{
    struct text line CLEANUP(text_clear) = { 0 };
    text_printf(&line, "{\"ok\":false,\"error\":\"%s\",\"message\":",
                may_be_stored ? "unknown" : "unreachable");
    quote_json(&line, why);
    text_add(&line, ",\"retry\":true,\"once\":");
    quote_json(&line, once);
    text_add(&line, "}");
    puts(line.bytes);
}

static void count_refusal(struct results *results, enum exit_code code)
{
    if (results->refused++ == 0)
        results->first_code = code;
}

void results_take_answer(struct results *results, const struct answer *answer, const char *line,
                         size_t length, bool doubted, const char *once)
{
    if (!answer->ok && doubted && check_leaves_doubt(&answer->refusal)) {
        results_take_silence(results, true, answer->refusal.message, once, EXIT_CODE_UNKNOWN);
        return;
    }
    printf("%.*s\n", (int)length, line);
    if (answer->ok)
        results->stored++;
    else
        count_refusal(results, exit_code_of_refusal(&answer->refusal));
}

void results_take_refusal(struct results *results, const char *line)
{
    fputs(line, stdout);
    count_refusal(results, EXIT_CODE_BAD_DATA);
}

void results_take_silence(struct results *results, bool doubted, const char *why, const char *once,
                          enum exit_code code)
{
    result_print_own(doubted, why, once);
    if (doubted)
        results->unknown++;
    else
        count_refusal(results, code);
}

void results_note_lost_input(struct results *results)
{
    count_refusal(results, EXIT_CODE_BAD_DATA);
}

enum exit_code results_exit_code(const struct results *results)
{
    if (results->refused == 0 && results->unknown == 0)
        return EXIT_CODE_DONE;
    if (results->stored > 0)
        return EXIT_CODE_SOME_STORED;
    return results->unknown > 0 ? EXIT_CODE_UNKNOWN : results->first_code;
}
