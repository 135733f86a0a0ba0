#include "client/exit_code.h"

#include <criterion/criterion.h>

/* The numbers are a promise to scripts. None may ever change. */
Test(client_exit_code, numbers)
{
    cr_expect_eq(EXIT_CODE_DONE, 0);
    cr_expect_eq(EXIT_CODE_WAIT_RAN_OUT, 10);
    cr_expect_eq(EXIT_CODE_NOT_SENT, 11);
    cr_expect_eq(EXIT_CODE_UNKNOWN, 12);
    cr_expect_eq(EXIT_CODE_SOME_STORED, 13);
    cr_expect_eq(EXIT_CODE_USAGE, 64);
    cr_expect_eq(EXIT_CODE_BAD_DATA, 65);
    cr_expect_eq(EXIT_CODE_NOT_FOUND, 66);
    cr_expect_eq(EXIT_CODE_UNKNOWN_THREAD, 67);
    cr_expect_eq(EXIT_CODE_UNREACHABLE, 69);
    cr_expect_eq(EXIT_CODE_TRY_LATER, 75);
    cr_expect_eq(EXIT_CODE_PROTOCOL, 76);
    cr_expect_eq(EXIT_CODE_DENIED, 77);
    cr_expect_eq(EXIT_CODE_BAD_SETTINGS, 78);
}

static int code_of(enum refusal_word word)
{
    struct refusal refusal;
    refusal_set(&refusal, word, NULL, "m");
    return (int)exit_code_of_refusal(&refusal);
}

Test(client_exit_code, of_refusals)
{
    cr_expect_eq(code_of(REFUSAL_INVALID), 65);
    cr_expect_eq(code_of(REFUSAL_UNKNOWN_THREAD), 67);
    cr_expect_eq(code_of(REFUSAL_UNKNOWN_OP), 76);
    cr_expect_eq(code_of(REFUSAL_NOT_FOUND), 66);
    cr_expect_eq(code_of(REFUSAL_DENIED), 77);
    cr_expect_eq(code_of(REFUSAL_FULL), 75);
    cr_expect_eq(code_of(REFUSAL_STORAGE), 75);
    cr_expect_eq(code_of(REFUSAL_BUSY), 75);
    cr_expect_eq(code_of(REFUSAL_ONCE_CONFLICT), 65);
    cr_expect_eq(code_of(REFUSAL_WRONG_STATE), 65);
    cr_expect_eq(code_of(REFUSAL_CHAT), 69);
    cr_expect_eq(code_of(REFUSAL_DOWN), 75);
}

/* Of send, 64 to 78 promise that nothing was stored: a refusal must never look like success. */
Test(client_exit_code, a_refusal_is_never_a_success)
{
    for (int word = 0; word < REFUSAL_WORDS; word++) {
        cr_expect_geq(code_of((enum refusal_word)word), 64);
        cr_expect_leq(code_of((enum refusal_word)word), 78);
    }
}

Test(client_exit_code, retry_wins_over_the_word)
{
    struct refusal refusal;
    refusal_set(&refusal, REFUSAL_INVALID, NULL, "m");
    refusal.retry = true;
    cr_expect_eq((int)exit_code_of_refusal(&refusal), 75);
}

Test(client_exit_code, of_states)
{
    static const struct {
        const char *state;
        int code;
    } contract[] = {
        { "scheduled", 10 }, { "pending", 10 },   { "held", 10 }, { "sent", 0 },    { "folded", 0 },
        { "expired", 11 },   { "cancelled", 11 }, { "dead", 11 }, { "melted", 10 },
    };
    for (size_t i = 0; i < sizeof contract / sizeof contract[0]; i++)
        cr_expect_eq((int)exit_code_of_state(contract[i].state), contract[i].code, "%s",
                     contract[i].state);
}
