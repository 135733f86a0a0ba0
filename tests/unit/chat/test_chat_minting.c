/* Tokens that are fetched: minted over the Identity API, or printed by a program. */
#include "base/instant.h"
#include "base/memory.h"
#include "chat/http.h"
#include "chat/token.h"
#include "tests/unit/chat/scripted_server.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PRIMARY "c2VzYW1l"
#define SECONDARY "c2ltc2lt"

static const msec_t start_at = 1795298400000; /* Sat, 21 Nov 2026 22:00:00 GMT */
static const msec_t minute_ms = 60LL * 1000;

/* A keeper, the identity service, and what came of it. */
struct bench {
    struct event_base *loop;
    struct http *http;
    struct scripted_server *server;
    struct token_keeper *keeper;
    char folder[32];
    char *file, *endpoint;
    int answers, with_token;
    char text[64];
    struct error err;
    int news;
    struct token_status status; /* of the latest news */
};

static msec_t now_at;

static struct moment now(void *context)
{
    (void)context;
    return (struct moment){ .at = now_at, .steady_at = now_at };
}

static const struct clock test_clock = { .now = now };

static void no_random(void *context, void *bytes, size_t count)
{
    (void)context;
    memset(bytes, 0, count);
}

static void on_news(void *context, const char *sender, const struct token_status *status)
{
    struct bench *bench = context;
    cr_expect_str_eq(sender, "alerts");
    bench->news++;
    bench->status = *status;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    cr_assert(file);
    fputs(text, file);
    fclose(file);
    cr_assert(chmod(path, mode) == 0);
}

static struct bench *bench_new(const struct step *steps, size_t count)
{
    struct bench *bench = xcalloc(1, sizeof *bench);
    snprintf(bench->folder, sizeof bench->folder, "/tmp/chat-minting-XXXXXX");
    cr_assert(mkdtemp(bench->folder));
    bench->file = xasprintf("%s/file", bench->folder);
    now_at = start_at;
    bench->loop = event_base_new();
    bench->http = http_new(bench->loop, NULL, NULL);
    bench->server = scripted_server_new(bench->loop, steps, count);
    bench->endpoint = xasprintf("http://127.0.0.1:%d", bench->server->port);
    return bench;
}

static struct token_setup setup_of(struct bench *bench)
{
    return (struct token_setup){
        .loop = bench->loop,
        .clock = &test_clock,
        .http = bench->http,
        .random = no_random,
        .news = on_news,
        .news_context = bench,
        .sender = "alerts",
        .source = { .endpoint = bench->endpoint,
                    .identity = "8:acs:a_b",
                    .lifetime_ms = 24LL * 60 * minute_ms,
                    .retry = { .first_ms = 1, .longest_ms = 4 } },
        .connect_timeout_ms = 5000,
        .request_timeout_ms = 5000,
    };
}

/* A keeper that mints with the keys in the file. */
static void mint_with(struct bench *bench, const char *keys)
{
    struct token_setup setup = setup_of(bench);
    write_file(bench->file, keys, 0600);
    setup.source.key_file = bench->file;
    bench->keeper = token_keeper_new(&setup);
}

/* A keeper that runs a script. */
static void run_script(struct bench *bench, const char *script)
{
    struct token_setup setup = setup_of(bench);
    write_file(bench->file, script, 0700);
    setup.source.command = bench->file;
    bench->keeper = token_keeper_new(&setup);
}

static void bench_free(struct bench *bench)
{
    http_free(bench->http);
    token_keeper_free(bench->keeper);
    scripted_server_free(bench->server);
    event_base_free(bench->loop);
    unlink(bench->file);
    rmdir(bench->folder);
    free(bench->file);
    free(bench->endpoint);
    free(bench);
}

static void on_ready(void *context, const struct token *token, const struct error *err)
{
    struct bench *bench = context;
    bench->answers++;
    bench->with_token += token ? 1 : 0;
    bench->err = *err;
    if (token)
        snprintf(bench->text, sizeof bench->text, "%s", token->text);
}

static void ask(struct bench *bench)
{
    int before = bench->answers;
    token_get(bench->keeper, on_ready, bench);
    cr_assert_eq(bench->answers, before, "ready came before token_get() returned");
    while (bench->answers == before)
        event_base_loop(bench->loop, EVLOOP_ONCE);
}

static void run_until_requests(struct bench *bench, size_t count)
{
    while (bench->server->request_count < count)
        event_base_loop(bench->loop, EVLOOP_ONCE);
}

/* 200 with a token that lives for so long from `at` on. To be freed. */
static char *minted(const char *token, msec_t at, msec_t life_ms)
{
    char expires_on[INSTANT_LONGEST_TEXT];
    instant_format_rfc3339(at + life_ms, expires_on);
    CLEANUP(free_memory)
    char *body = xasprintf("{\"token\":\"%s\",\"expiresOn\":\"%s\"}", token, expires_on);
    return xasprintf(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        strlen(body), body);
}

static const char refused[] =
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 48\r\n\r\n"
    "{\"error\":{\"code\":\"Denied\",\"message\":\"Bad key.\"}}";
static const char down[] = "HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n";

#define STEPS(...)                        \
    (const struct step[]){ __VA_ARGS__ }, \
        sizeof((const struct step[]){ __VA_ARGS__ }) / sizeof(struct step)

Test(chat_minting, asks_the_identity_service_signed_with_the_key)
{
    char *answer = minted("sesame", start_at, 60 * minute_ms);
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, answer, 0 }));
    CLEANUP(free_memory)
    char *string = xasprintf("endpoint=%s/;accesskey=" PRIMARY "\n", bench->endpoint);
    mint_with(bench, string);
    ask(bench);
    cr_expect_str_eq(bench->text, "sesame", "%s", bench->err.text);
    const char *request = bench->server->requests[0];
    cr_expect(strstr(request,
                     "POST /identities/8%3Aacs%3Aa_b/:issueAccessToken"
                     "?api-version=2023-10-01 HTTP/1.1\r\n"));
    cr_expect(strstr(request, "\r\nx-ms-date: Sat, 21 Nov 2026 22:00:00 GMT\r\n"));
    cr_expect(strstr(request,
                     "\r\nAuthorization: HMAC-SHA256 SignedHeaders=x-ms-date;host;"
                     "x-ms-content-sha256&Signature="));
    cr_expect(strstr(request, "{\"scopes\":[\"chat\"],\"expiresInMinutes\":1440}"));
    cr_expect_null(strstr(request, PRIMARY));
    cr_expect_eq(token_at_hand(bench->keeper)->expires_at, start_at + 60 * minute_ms);
    cr_expect_eq(bench->news, 0);
    bench_free(bench);
    free(answer);
}

Test(chat_minting, a_thousand_who_ask_make_one_request)
{
    char *answer = minted("sesame", start_at, 60 * minute_ms);
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, answer, 0 }));
    mint_with(bench, PRIMARY);
    for (int i = 0; i < 999; i++)
        token_get(bench->keeper, on_ready, bench);
    ask(bench);
    cr_expect_eq(bench->answers, 1000);
    cr_expect_eq(bench->with_token, 1000);
    cr_expect_eq(bench->server->request_count, 1);
    bench_free(bench);
    free(answer);
}

Test(chat_minting, the_second_key_is_tried_when_the_first_is_refused)
{
    char *answer = minted("sesame", start_at, 60 * minute_ms);
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, refused, 0 }, { STEP_ANSWER, answer, 0 }));
    mint_with(bench, PRIMARY "\n" SECONDARY "\n");
    ask(bench);
    cr_expect_eq(bench->with_token, 1, "%s", bench->err.text);
    const char *first = strstr(bench->server->requests[0], "Signature=");
    const char *second = strstr(bench->server->requests[1], "Signature=");
    cr_expect_neq(strncmp(first, second, 40), 0, "signed with another key");
    bench_free(bench);
    free(answer);
}

Test(chat_minting, a_refused_key_is_said_clearly_and_not_shown)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, refused, 0 }));
    mint_with(bench, PRIMARY);
    ask(bench);
    cr_expect_eq(bench->with_token, 0);
    cr_expect(strstr(bench->err.text, bench->file), "%s", bench->err.text);
    cr_expect(strstr(bench->err.text, "401 Denied: Bad key; is the access key right?"), "%s",
              bench->err.text);
    cr_expect_null(strstr(bench->err.text, PRIMARY));
    cr_expect_eq(bench->news, 1);
    cr_expect_not(bench->status.has_token);
    cr_expect_str_eq(bench->status.failure.text, bench->err.text);
    bench_free(bench);
}

Test(chat_minting, an_unusable_key_file_is_said_in_the_next_turn)
{
    struct bench *bench = bench_new(NULL, 0);
    mint_with(bench, "no_base64!");
    ask(bench);
    cr_expect(strstr(bench->err.text, "access key is not base64"), "%s", bench->err.text);
    chmod(bench->file, 0604);
    ask(bench);
    cr_expect(strstr(bench->err.text, "0604"), "%s", bench->err.text);
    unlink(bench->file);
    ask(bench);
    cr_expect(strstr(bench->err.text, "No such file"), "%s", bench->err.text);
    cr_expect_eq(bench->server->request_count, 0);
    bench_free(bench);
}

Test(chat_minting, is_renewed_by_itself_before_it_expires)
{
    char *first = minted("first", start_at, 20);
    char *second = minted("second", start_at, 60 * minute_ms);
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, first, 0 }, { STEP_ANSWER, second, 0 }));
    mint_with(bench, PRIMARY);
    ask(bench);
    cr_expect_eq(token_status(bench->keeper).next_at, start_at + 10, "half of its life");
    now_at = start_at + 10;
    run_until_requests(bench, 2);
    cr_expect_str_eq(token_at_hand(bench->keeper)->text, "first", "good while the next is fetched");
    while (strcmp(token_at_hand(bench->keeper)->text, "second") != 0)
        event_base_loop(bench->loop, EVLOOP_ONCE);
    cr_expect_eq(bench->answers, 1, "nobody had to ask");
    bench_free(bench);
    free(first);
    free(second);
}

Test(chat_minting, a_failed_renewal_stops_nothing_but_is_told_and_repeated)
{
    char *first = minted("first", start_at, 20);
    char *second = minted("second", start_at, 120 * minute_ms);
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, first, 0 }, { STEP_ANSWER, down, 0 },
                                          { STEP_ANSWER, down, 0 }, { STEP_ANSWER, second, 0 }));
    mint_with(bench, PRIMARY);
    ask(bench);
    now_at = start_at + 12;
    while (bench->news == 0)
        event_base_loop(bench->loop, EVLOOP_ONCE);
    cr_expect(bench->status.has_token);
    cr_expect_eq(bench->status.expires_at, start_at + 20);
    cr_expect(strstr(bench->status.failure.text, "503"), "%s", bench->status.failure.text);
    cr_expect_str_eq(token_at_hand(bench->keeper)->text, "first");
    while (bench->news == 1) {
        now_at++;
        event_base_loop(bench->loop, EVLOOP_ONCE);
    }
    cr_expect_eq(bench->server->request_count, 4);
    cr_expect_eq(bench->news, 2, "the same failure again is no news");
    cr_expect_eq(bench->status.failures, 0);
    cr_expect_str_eq(bench->status.failure.text, "");
    cr_expect_str_eq(token_at_hand(bench->keeper)->text, "second");
    bench_free(bench);
    free(first);
    free(second);
}

Test(chat_minting, a_refused_token_is_minted_again)
{
    char *first = minted("first", start_at, 60 * minute_ms);
    char *second = minted("second", start_at, 60 * minute_ms);
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, first, 0 }, { STEP_ANSWER, second, 0 }));
    mint_with(bench, PRIMARY);
    ask(bench);
    uint64_t serial = token_at_hand(bench->keeper)->serial;
    token_discard(bench->keeper, serial);
    cr_expect_null(token_at_hand(bench->keeper));
    ask(bench);
    cr_expect_str_eq(bench->text, "second");
    token_discard(bench->keeper, serial);
    cr_expect(token_at_hand(bench->keeper), "a late refusal of the first");
    bench_free(bench);
    free(first);
    free(second);
}

Test(chat_minting, a_token_that_has_expired_already_is_none)
{
    char *answer = minted("first", start_at, -1);
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, answer, 0 }));
    mint_with(bench, PRIMARY);
    ask(bench);
    cr_expect_eq(bench->with_token, 0);
    cr_expect(strstr(bench->err.text, "clock"), "%s", bench->err.text);
    bench_free(bench);
    free(answer);
}

Test(chat_minting, freed_while_it_mints_it_calls_nobody)
{
    struct bench *bench = bench_new(NULL, 0);
    mint_with(bench, PRIMARY);
    token_get(bench->keeper, on_ready, bench);
    run_until_requests(bench, 1);
    cr_expect(token_keeper_is_busy(bench->keeper));
    bench_free(bench);
}

Test(chat_minting, a_program_prints_the_token)
{
    struct bench *bench = bench_new(NULL, 0);
    run_script(bench, "#!/bin/sh\necho sesame\n");
    ask(bench);
    cr_expect_str_eq(bench->text, "sesame", "%s", bench->err.text);
    cr_expect_eq(token_status(bench->keeper).next_at, MSEC_NEVER);
    cr_expect_eq(token_status(bench->keeper).expires_at, MSEC_NEVER);
    bench_free(bench);
}

Test(chat_minting, a_program_is_run_once_for_all_and_again_after_a_refusal)
{
    struct bench *bench = bench_new(NULL, 0);
    run_script(bench,
               "#!/bin/sh\necho run >>\"$0.runs\"\n"
               "echo '{\"token\":\"'$(wc -l <\"$0.runs\")'\"}'\n");
    CLEANUP(free_memory) char *runs = xasprintf("%s.runs", bench->file);
    for (int i = 0; i < 100; i++)
        token_get(bench->keeper, on_ready, bench);
    ask(bench);
    cr_expect_eq(bench->with_token, 101, "%s", bench->err.text);
    cr_expect_str_eq(bench->text, "1");
    token_discard(bench->keeper, token_at_hand(bench->keeper)->serial);
    ask(bench);
    cr_expect_str_eq(bench->text, "2");
    unlink(runs);
    bench_free(bench);
}

Test(chat_minting, a_program_that_fails_says_so_without_its_output)
{
    struct bench *bench = bench_new(NULL, 0);
    run_script(bench, "#!/bin/sh\necho sesame\nexit 3\n");
    ask(bench);
    cr_expect(strstr(bench->err.text, "ended with status 3"), "%s", bench->err.text);
    write_file(bench->file, "#!/bin/sh\necho open sesame\n", 0700);
    ask(bench);
    cr_expect(strstr(bench->err.text, "cannot be used"), "%s", bench->err.text);
    cr_expect_null(strstr(bench->err.text, "sesame"), "%s", bench->err.text);
    cr_expect_eq(bench->news, 2, "for another reason");
    bench_free(bench);
}

Test(chat_minting, a_program_that_gives_the_same_token_again_is_not_asked_without_end)
{
    struct bench *bench = bench_new(NULL, 0);
    run_script(bench,
               "#!/bin/sh\n"
               "echo '{\"token\":\"sesame\",\"expiresOn\":\"2026-11-21T22:00:00.02Z\"}'\n");
    ask(bench);
    now_at = start_at + 12;
    while (bench->news == 0)
        event_base_loop(bench->loop, EVLOOP_ONCE);
    cr_expect(bench->status.has_token);
    cr_expect(strstr(bench->status.failure.text, "the same again"), "%s",
              bench->status.failure.text);
    cr_expect_gt(bench->status.next_at, now_at);
    bench_free(bench);
}
