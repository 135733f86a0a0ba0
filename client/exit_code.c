#include "client/exit_code.h"

#include <string.h>

enum exit_code exit_code_of_refusal(const struct refusal *refusal)
{
    if (refusal->retry)
        return EXIT_CODE_TRY_LATER;
    switch (refusal->word) {
    case REFUSAL_INVALID:
    case REFUSAL_ONCE_CONFLICT:
    case REFUSAL_WRONG_STATE:
        return EXIT_CODE_BAD_DATA;
    case REFUSAL_UNKNOWN_THREAD:
        return EXIT_CODE_UNKNOWN_THREAD;
    case REFUSAL_UNKNOWN_OP:
        return EXIT_CODE_PROTOCOL;
    case REFUSAL_NOT_FOUND:
        return EXIT_CODE_NOT_FOUND;
    case REFUSAL_DENIED:
        return EXIT_CODE_DENIED;
    case REFUSAL_CHAT:
        return EXIT_CODE_UNREACHABLE;
    case REFUSAL_FULL:
    case REFUSAL_STORAGE:
    case REFUSAL_BUSY:
    case REFUSAL_DOWN:
        return EXIT_CODE_TRY_LATER;
    }
    return EXIT_CODE_PROTOCOL;
}

enum exit_code exit_code_of_state(const char *state)
{
    static const struct {
        const char *state;
        enum exit_code code;
    } ends[] = {
        { "sent", EXIT_CODE_DONE },          { "folded", EXIT_CODE_DONE },
        { "dead", EXIT_CODE_NOT_SENT },      { "expired", EXIT_CODE_NOT_SENT },
        { "cancelled", EXIT_CODE_NOT_SENT },
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (strcmp(ends[i].state, state) == 0)
            return ends[i].code;
    return EXIT_CODE_WAIT_RAN_OUT;
}

enum exit_code exit_code_of_level(const char *level)
{
    static const struct {
        const char *level;
        enum exit_code code;
    } levels[] = { { "well", EXIT_CODE_DONE },
                   { "look", EXIT_CODE_LOOK },
                   { "act", EXIT_CODE_ACT } };
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcmp(levels[i].level, level) == 0)
            return levels[i].code;
    return EXIT_CODE_PROTOCOL;
}

enum exit_code exit_code_of_no_level(enum exit_code code)
{
    return code == EXIT_CODE_UNREACHABLE || code == EXIT_CODE_TRY_LATER ? EXIT_CODE_ACT : code;
}
