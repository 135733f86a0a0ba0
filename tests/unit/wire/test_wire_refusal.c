#include "base/text.h"
#include "wire/refusal.h"

#include <criterion/criterion.h>
#include <string.h>

/* The list is a promise to clients: words may be added, none may change. */
Test(wire_refusal, words_and_what_may_be_retried)
{
    static const struct {
        const char *name;
        enum refusal_word word;
        bool retry;
    } contract[] = {
        { "invalid", REFUSAL_INVALID, false },
        { "unknown-thread", REFUSAL_UNKNOWN_THREAD, false },
        { "unknown-op", REFUSAL_UNKNOWN_OP, false },
        { "not-found", REFUSAL_NOT_FOUND, false },
        { "denied", REFUSAL_DENIED, false },
        { "full", REFUSAL_FULL, true },
        { "storage", REFUSAL_STORAGE, true },
        { "busy", REFUSAL_BUSY, true },
        { "once-conflict", REFUSAL_ONCE_CONFLICT, false },
        { "wrong-state", REFUSAL_WRONG_STATE, false },
        { "chat", REFUSAL_CHAT, false },
        { "down", REFUSAL_DOWN, true },
    };
    cr_assert_eq(sizeof contract / sizeof contract[0], REFUSAL_WORDS);
    for (size_t i = 0; i < REFUSAL_WORDS; i++) {
        enum refusal_word word = REFUSAL_INVALID;
        cr_expect_str_eq(refusal_name(contract[i].word), contract[i].name);
        struct refusal refusal;
        refusal_set(&refusal, contract[i].word, NULL, "no");
        cr_expect_eq(refusal.retry, contract[i].retry);
        cr_expect(refusal_from_name(contract[i].name, &word));
        cr_expect_eq((int)word, (int)contract[i].word);
    }
}

Test(wire_refusal, knows_what_is_no_word)
{
    enum refusal_word word = REFUSAL_BUSY;
    cr_expect_not(refusal_from_name("nonsense", &word));
    cr_expect_not(refusal_from_name("", &word));
    cr_expect_eq(word, REFUSAL_BUSY);
}

Test(wire_refusal, is_false_and_complete)
{
    struct refusal refusal;
    cr_expect_not(refusal_set(&refusal, REFUSAL_FULL, "to", "thread %s is full", "ops"));
    cr_expect_eq(refusal.word, REFUSAL_FULL);
    cr_expect_str_eq(refusal.field, "to");
    cr_expect_str_eq(refusal.message, "thread ops is full");
    cr_expect(refusal.retry);
    cr_expect_not(refusal_set(&refusal, REFUSAL_DENIED, NULL, "no"));
    cr_expect_str_eq(refusal.field, "");
    cr_expect_not(refusal.retry);
}

Test(wire_refusal, cuts_between_characters)
{
    struct refusal refusal;
    struct text name CLEANUP(text_clear) = { 0 };
    for (int i = 0; i < 200; i++)
        text_add(&name, "\xc3\xa9");
    refusal_set(&refusal, REFUSAL_INVALID, name.bytes, "%s", name.bytes);
    cr_expect_eq(strlen(refusal.field), 62, "63 would be half a character");
    cr_expect_eq(strlen(refusal.message), 254);
}
