#include "base/memory.h"
#include "base/secret_file.h"
#include "chat/token.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* {"exp":1631137382} */
static const char dated_token[] = "e30.eyJleHAiOjE2MzExMzczODJ9.c2ln";
static const msec_t expiry_at = 1631137382000;

static msec_t now_at;

static struct moment now(void *context)
{
    (void)context;
    return (struct moment){ .at = now_at, .steady_at = now_at };
}

static const struct clock test_clock = { .now = now };

TestSuite(chat_token, .init = scratch_make, .fini = scratch_drop);

struct answers {
    int count, with_token;
    char text[64];
    struct error err;
};

static void on_ready(void *context, const struct token *token, const struct error *err)
{
    struct answers *answers = context;
    answers->count++;
    answers->with_token += token ? 1 : 0;
    answers->err = *err;
    if (token)
        snprintf(answers->text, sizeof answers->text, "%s", token->text);
}

static void no_random(void *context, void *bytes, size_t count)
{
    (void)context;
    memset(bytes, 0, count);
}

struct kept {
    struct event_base *loop;
    struct token_keeper *keeper;
};

static struct kept kept_of(struct token_source source)
{
    struct event_base *loop = event_base_new();
    struct token_setup setup = { .loop = loop,
                                 .clock = &test_clock,
                                 .random = no_random,
                                 .sender = "alerts",
                                 .source = source,
                                 .request_timeout_ms = 30000 };
    return (struct kept){ loop, token_keeper_new(&setup) };
}

static struct kept kept_new(const char *setting)
{
    return kept_of((struct token_source){ .file = setting, .credentials_directory = folder });
}

static void kept_free(struct kept *kept)
{
    token_keeper_free(kept->keeper);
    event_base_free(kept->loop);
}

Test(chat_token, is_read_trimmed)
{
    scratch_write(" \n sesame\r\n\n", 0640);
    struct kept kept = kept_new(file);
    const struct token *token = token_at_hand(kept.keeper);
    cr_assert(token);
    cr_expect_str_eq(token->text, "sesame");
    cr_expect_eq(token->expires_at, MSEC_NEVER);
    kept_free(&kept);
}

Test(chat_token, comes_from_a_systemd_credential)
{
    scratch_write("sesame", 0400);
    struct kept kept = kept_new("credential:file");
    cr_assert(token_at_hand(kept.keeper));
    kept_free(&kept);
}

Test(chat_token, is_read_again_when_the_file_changes)
{
    scratch_write("first", 0600);
    struct kept kept = kept_new(file);
    uint64_t serial = token_at_hand(kept.keeper)->serial;
    cr_expect_eq(token_at_hand(kept.keeper)->serial, serial, "the same as long as nothing changes");
    scratch_write("second", 0600);
    now_at++;
    cr_expect_str_eq(token_at_hand(kept.keeper)->text, "second");
    cr_expect_neq(token_at_hand(kept.keeper)->serial, serial);
    unlink(file);
    now_at++;
    cr_expect_null(token_at_hand(kept.keeper), "a token withdrawn is not used");
    kept_free(&kept);
}

Test(chat_token, what_the_file_says_after_the_keepers_time_is_not_for_its_server)
{
    scratch_write("first", 0600);
    struct kept kept = kept_new(file), late = kept_new(file);
    cr_assert(token_at_hand(kept.keeper));
    token_keeper_retire(kept.keeper);
    token_keeper_retire(late.keeper);
    scratch_write("second", 0600);
    now_at++;
    cr_expect_str_eq(token_at_hand(kept.keeper)->text, "first");
    cr_expect_null(token_at_hand(late.keeper));
    kept_free(&kept);
    kept_free(&late);
}

Test(chat_token, nor_is_what_a_program_would_print_then)
{
    struct answers before = { 0 }, after = { 0 };
    struct kept kept = kept_of((struct token_source){ .command = "/bin/echo sesame" });
    token_get(kept.keeper, on_ready, &before);
    token_keeper_retire(kept.keeper);
    while (before.count == 0)
        event_base_loop(kept.loop, EVLOOP_ONCE);
    cr_expect_str_eq(before.text, "sesame", "%s", before.err.text);
    token_discard(kept.keeper, token_at_hand(kept.keeper)->serial);
    token_get(kept.keeper, on_ready, &after);
    cr_expect_eq(after.count, 0);
    while (after.count == 0)
        event_base_loop(kept.loop, EVLOOP_ONCE);
    cr_expect_eq(after.with_token, 0);
    cr_expect(strstr(after.err.text, "settings have changed"), "%s", after.err.text);
    kept_free(&kept);
}

Test(chat_token, expired_by_our_clock_it_is_used_as_long_as_the_chat_takes_it)
{
    scratch_write(dated_token, 0600);
    struct kept kept = kept_new(file);
    now_at = expiry_at + 1000;
    for (int i = 0; i < 3; i++, now_at++)
        cr_expect(token_at_hand(kept.keeper));
    token_discard(kept.keeper, token_at_hand(kept.keeper)->serial);
    for (int i = 0; i < 3; i++, now_at++)
        cr_expect_null(token_at_hand(kept.keeper), "once is enough");
    scratch_write("another", 0600);
    now_at++;
    cr_expect(token_at_hand(kept.keeper), "a file that changed is tried again");
    kept_free(&kept);
}

Test(chat_token, lasts_until_it_expires)
{
    scratch_write(dated_token, 0600);
    struct kept kept = kept_new(file);
    now_at = expiry_at - 1;
    cr_assert(token_at_hand(kept.keeper));
    cr_expect_eq(token_at_hand(kept.keeper)->expires_at, expiry_at);

    now_at = expiry_at + (msec_t)21 * 60 * 60 * 1000;
    const struct token *late = token_at_hand(kept.keeper);
    cr_assert(late, "it is tried once: our clock may be wrong");
    token_discard(kept.keeper, late->serial);
    cr_expect_null(token_at_hand(kept.keeper));
    struct answers answers = { 0 };
    token_get(kept.keeper, on_ready, &answers);
    event_base_loop(kept.loop, EVLOOP_NONBLOCK);
    cr_expect_eq(answers.count, 1);
    cr_expect_eq(answers.with_token, 0);
    cr_expect(strstr(answers.err.text, "21 h"), "%s", answers.err.text);
    cr_expect_null(strstr(answers.err.text, dated_token));
    kept_free(&kept);
}

Test(chat_token, answers_all_who_wait_and_never_before_the_loop_runs)
{
    struct kept kept = kept_new(file);
    struct answers answers = { 0 };
    for (int i = 0; i < 1000; i++)
        token_get(kept.keeper, on_ready, &answers);
    cr_expect_eq(answers.count, 0);
    scratch_write("sesame", 0600);
    event_base_loop(kept.loop, EVLOOP_NONBLOCK);
    cr_expect_eq(answers.count, 1000);
    cr_expect_eq(answers.with_token, 1000);
    cr_expect_str_eq(answers.text, "sesame");
    kept_free(&kept);
}

Test(chat_token, a_failure_is_one_however_many_wait)
{
    struct kept kept = kept_new(file);
    struct answers answers = { 0 };
    for (int64_t failures = 1; failures <= 2; failures++) {
        for (int i = 0; i < 3; i++) {
            cr_expect_null(token_at_hand(kept.keeper));
            token_get(kept.keeper, on_ready, &answers);
        }
        event_base_loop(kept.loop, EVLOOP_NONBLOCK);
        cr_expect_eq(token_status(kept.keeper).failures, failures);
    }
    cr_expect_eq(answers.count, 6);
    cr_expect(strstr(answers.err.text, "No such file"), "%s", answers.err.text);
    scratch_write("sesame", 0600);
    now_at++;
    cr_expect(token_at_hand(kept.keeper));
    cr_expect_eq(token_status(kept.keeper).failures, 0);
    kept_free(&kept);
}

Test(chat_token, who_waits_for_a_keeper_that_goes_is_not_called)
{
    struct kept kept = kept_new(file);
    struct answers answers = { 0 };
    token_get(kept.keeper, on_ready, &answers);
    token_keeper_free(kept.keeper);
    kept.keeper = NULL;
    event_base_loop(kept.loop, EVLOOP_NONBLOCK);
    cr_expect_eq(answers.count, 0);
    kept_free(&kept);
}

Test(chat_token, only_the_refused_one_is_discarded)
{
    scratch_write("first", 0600);
    struct kept kept = kept_new(file);
    cr_expect_not(token_status(kept.keeper).refused, "there was none yet");
    uint64_t first = token_at_hand(kept.keeper)->serial;
    cr_expect_not(token_status(kept.keeper).refused);
    token_discard(kept.keeper, first);
    cr_expect(token_status(kept.keeper).refused);
    uint64_t second = token_at_hand(kept.keeper)->serial;
    cr_expect_neq(second, first, "read anew");
    token_discard(kept.keeper, first);
    cr_expect_eq(token_at_hand(kept.keeper)->serial, second, "a late refusal of the first");
    kept_free(&kept);
}
