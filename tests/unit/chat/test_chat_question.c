#include "base/memory.h"
#include "base/text.h"
#include "chat/courier.h"
#include "chat/question.h"
#include "tests/unit/chat/scripted_server.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A chat with one sender, its server, and what came back. */
struct bench {
    struct event_base *loop;
    struct scripted_server *server;
    struct chat *chat;
    char folder[32];
    char *token_file, *endpoint;
    int answers;
    json_t *body;
    char *next;
    bool too_long;
    struct delivery verdict;
};

static void bench_start(struct bench *bench, const struct step *steps, size_t count)
{
    *bench = (struct bench){ .loop = event_base_new(), .folder = "/tmp/chat-question-XXXXXX" };
    cr_assert(mkdtemp(bench->folder));
    bench->token_file = xasprintf("%s/token", bench->folder);
    FILE *file = fopen(bench->token_file, "we");
    cr_assert(file);
    fputs("sesame\n", file);
    fclose(file);
    cr_assert(chmod(bench->token_file, 0600) == 0);
    bench->server = scripted_server_new(bench->loop, steps, count);
    bench->endpoint = xasprintf("http://127.0.0.1:%d", bench->server->port);
    const struct chat_setup setup = { .loop = bench->loop, .clock = &clock_system };
    const struct chat_sender sender = { .name = "alerts",
                                        .token = { .file = bench->token_file,
                                                   .endpoint = bench->endpoint },
                                        .api_version = "2025-03-15",
                                        .connect_timeout_ms = 5000,
                                        .request_timeout_ms = 5000 };
    bench->chat = chat_new(&setup, NULL);
    cr_assert(bench->chat && chat_configure(bench->chat, &sender, 1, NULL));
}

static void bench_end(struct bench *bench)
{
    chat_free(bench->chat);
    scripted_server_free(bench->server);
    event_base_free(bench->loop);
    unlink(bench->token_file);
    rmdir(bench->folder);
    free(bench->token_file);
    free(bench->endpoint);
    json_decref(bench->body);
    free(bench->next);
}

static void on_answer(void *context, const struct chat_answer *answer)
{
    struct bench *bench = context;
    json_decref(bench->body);
    free(bench->next);
    bench->body = json_deep_copy(answer->body);
    bench->next = xstrdup_or_null(answer->next);
    bench->too_long = answer->too_long;
    bench->verdict = answer->verdict;
    bench->answers++;
}

static void ask_as(struct bench *bench, const char *sender, struct question question)
{
    question.endpoint = bench->endpoint;
    question.thread = "19:x@thread.v2";
    question.sender = sender;
    bench->answers = 0;
    chat_ask(bench->chat, &question, on_answer, bench);
    cr_assert_eq(bench->answers, 0, "done came before the starter returned");
    while (bench->answers == 0)
        event_base_loop(bench->loop, EVLOOP_ONCE);
    cr_assert_eq(bench->answers, 1);
}

static void ask(struct bench *bench, struct question question)
{
    ask_as(bench, "alerts", question);
}

static char *answer(const char *status, const char *body)
{
    return xasprintf(
        "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
        strlen(body), body);
}

#define STEPS(...)                        \
    (const struct step[]){ __VA_ARGS__ }, \
        sizeof((const struct step[]){ __VA_ARGS__ }) / sizeof(struct step)

static void expect_request(const struct bench *bench, size_t number, const char *path)
{
    CLEANUP(free_memory) char *line = xasprintf("GET %s HTTP/1.1\r\n", path);
    const char *request = bench->server->requests[number];
    cr_expect(strncmp(request, line, strlen(line)) == 0, "%s", request);
    cr_expect(strstr(request, "\r\nAuthorization: Bearer sesame\r\n"));
}

Test(chat_question, each_kind_is_asked_for_at_its_place)
{
    struct bench bench;
    char *page = answer("200 OK", "{\"value\":[]}"), *thing = answer("200 OK", "{\"id\":\"1\"}");
    bench_start(&bench, STEPS({ STEP_ANSWER, page, 0 }, { STEP_ANSWER, thing, 0 },
                              { STEP_ANSWER, thing, 0 }, { STEP_ANSWER, page, 0 }));
    ask(&bench, (struct question){ .kind = QUESTION_MESSAGES, .page_size = 50 });
    ask(&bench, (struct question){ .kind = QUESTION_MESSAGE, .message = "17/x" });
    ask(&bench, (struct question){ .kind = QUESTION_THREAD });
    ask(&bench, (struct question){ .kind = QUESTION_PARTICIPANTS, .page_size = 100 });
    static const char thread[] = "/chat/threads/19%3Ax%40thread.v2";
    static const char *const rest[] = { "/messages?api-version=2025-03-15&maxPageSize=50",
                                        "/messages/17%2Fx?api-version=2025-03-15",
                                        "?api-version=2025-03-15",
                                        "/participants?api-version=2025-03-15&maxPageSize=100" };
    for (size_t i = 0; i < 4; i++) {
        CLEANUP(free_memory) char *path = xasprintf("%s%s", thread, rest[i]);
        expect_request(&bench, i, path);
    }
    cr_expect(bench.body);
    free(page);
    free(thing);
    bench_end(&bench);
}

Test(chat_question, what_came_is_given_on_as_it_is)
{
    static const char body[] = "{\"id\":\"1\",\"new\":{\"field\":[1,null]},\"content\":{}}";
    struct bench bench;
    char *reply = answer("200 OK", body);
    bench_start(&bench, STEPS({ STEP_ANSWER, reply, 0 }));
    ask(&bench, (struct question){ .kind = QUESTION_MESSAGE, .message = "1" });
    json_t *wanted = json_loads(body, 0, NULL);
    cr_expect(json_equal(bench.body, wanted));
    cr_expect_eq(bench.verdict.outcome, OUTCOME_SENT);
    json_decref(wanted);
    free(reply);
    bench_end(&bench);
}

Test(chat_question, a_page_of_another_endpoint_is_not_asked_for)
{
    struct bench bench;
    bench_start(&bench, NULL, 0);
    ask(&bench, (struct question){ .kind = QUESTION_MESSAGES, .page = "http://127.0.0.1:9/next" });
    cr_expect_eq(bench.verdict.outcome, OUTCOME_UNSENT);
    cr_expect_str_eq(bench.verdict.code, "endpoint");
    bench_end(&bench);
}

Test(chat_question, pages_lead_on_but_to_no_other_server)
{
    struct bench bench;
    char *first = answer("200 OK", "{\"value\":[{}],\"nextLink\":\"/chat/next?a=b\"}");
    char *last = answer("200 OK", "{\"value\":[{}]}");
    char *elsewhere = answer("200 OK", "{\"value\":[],\"nextLink\":\"https://n.example/c?d\"}");
    char *nowhere = answer("200 OK", "{\"value\":[],\"nextLink\":\"file:///etc/passwd\"}");
    bench_start(&bench, STEPS({ STEP_ANSWER, first, 0 }, { STEP_ANSWER, last, 0 },
                              { STEP_ANSWER, elsewhere, 0 }, { STEP_ANSWER, nowhere, 0 }));
    ask(&bench, (struct question){ .kind = QUESTION_MESSAGES, .page_size = 1 });
    cr_assert(bench.next);
    CLEANUP(free_memory) char *page = xstrdup(bench.next);
    ask(&bench, (struct question){ .kind = QUESTION_MESSAGES, .page_size = 1, .page = page });
    expect_request(&bench, 1, "/chat/next?a=b");
    cr_expect_null(bench.next);
    ask(&bench, (struct question){ .kind = QUESTION_MESSAGES, .page_size = 1 });
    CLEANUP(free_memory) char *at_home = xasprintf("%s/c?d", bench.endpoint);
    cr_expect_str_eq(bench.next, at_home);
    ask(&bench, (struct question){ .kind = QUESTION_MESSAGES, .page_size = 1 });
    cr_expect_null(bench.body);
    cr_expect_eq(bench.verdict.scope, SCOPE_ENDPOINT);
    free(first);
    free(last);
    free(elsewhere);
    free(nowhere);
    bench_end(&bench);
}

static void expect_nothing(enum question_kind kind, const char *reply, enum scope scope, int http)
{
    struct bench bench;
    bench_start(&bench, STEPS({ STEP_ANSWER, reply, 0 }));
    ask(&bench, (struct question){ .kind = kind, .page_size = 1, .message = "1" });
    cr_expect_null(bench.body, "%s", reply);
    cr_expect_eq(bench.verdict.scope, scope, "%s", reply);
    cr_expect_eq(bench.verdict.http, http, "%s", reply);
    cr_expect(bench.verdict.detail[0], "%s", reply);
    bench_end(&bench);
}

Test(chat_question, a_page_that_leads_to_itself_is_the_last)
{
    struct bench bench;
    char *page = answer("200 OK",
                        "{\"value\":[],\"nextLink\":\"https://x.example/chat/threads/"
                        "19%3Ax%40thread.v2/messages?api-version=2025-03-15&maxPageSize=1\"}");
    bench_start(&bench, STEPS({ STEP_ANSWER, page, 0 }));
    ask(&bench, (struct question){ .kind = QUESTION_MESSAGES, .page_size = 1 });
    cr_expect(bench.body);
    cr_expect_null(bench.next, "%s", bench.next);
    free(page);
    bench_end(&bench);
}

Test(chat_question, what_is_no_answer_is_none)
{
    static const struct {
        enum question_kind kind;
        const char *status, *body;
        enum scope scope;
        int http;
    } others[] = {
        { QUESTION_MESSAGES, "200 OK", "{\"value\":{}}", SCOPE_ENDPOINT, 200 },
        { QUESTION_MESSAGES, "200 OK", "{\"value\":[17]}", SCOPE_ENDPOINT, 200 },
        { QUESTION_MESSAGES, "200 OK", "{\"id\":\"1\"}", SCOPE_ENDPOINT, 200 },
        { QUESTION_MESSAGE, "200 OK", "{\"value\":[]}", SCOPE_ENDPOINT, 200 },
        { QUESTION_MESSAGE, "200 OK", "<html>", SCOPE_ENDPOINT, 200 },
        { QUESTION_MESSAGE, "200 OK", "", SCOPE_ENDPOINT, 200 },
        { QUESTION_MESSAGE, "404 Not Found", "{\"error\":{\"code\":\"NotFound\"}}", SCOPE_THREAD,
          404 },
        { QUESTION_THREAD, "401 Unauthorized", "", SCOPE_SENDER, 401 },
        { QUESTION_PARTICIPANTS, "503 Service Unavailable", "", SCOPE_ENDPOINT, 503 },
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CLEANUP(free_memory) char *reply = answer(others[i].status, others[i].body);
        expect_nothing(others[i].kind, reply, others[i].scope, others[i].http);
    }
}

/* Ask for what is good but for its length. */
static void expect_length(enum question_kind kind, size_t length, bool is_taken)
{
    static const char thing[] = "{\"id\":\"1\",\"value\":[]}";
    char *body = xcalloc(length + 1, 1);
    memset(body, ' ', length);
    memcpy(body, thing, strlen(thing));
    char *reply = answer("200 OK", body);
    struct bench bench;
    bench_start(&bench, STEPS({ STEP_ANSWER, reply, 0 }));
    ask(&bench, (struct question){ .kind = kind, .page_size = 1, .message = "1" });
    cr_expect_eq(bench.body != NULL, is_taken, "kind %d, %zu bytes", (int)kind, length);
    cr_expect_eq(bench.too_long, !is_taken, "kind %d, %zu bytes", (int)kind, length);
    free(body);
    free(reply);
    bench_end(&bench);
}

Test(chat_question, more_than_we_take_is_said_to_be_so)
{
    static const struct {
        enum question_kind kind;
        size_t longest;
    } bounds[] = {
        { QUESTION_MESSAGES, 4 * 1024 * 1024 },
        { QUESTION_MESSAGE, 256 * 1024 },
        { QUESTION_THREAD, 64 * 1024 },
        { QUESTION_PARTICIPANTS, 4 * 1024 * 1024 },
    };
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        expect_length(bounds[i].kind, bounds[i].longest, true);
        expect_length(bounds[i].kind, bounds[i].longest + 1, false);
    }
}

/* Ask for a page of so many items, all but the first of which are written as `unit`. */
static void expect_page(enum question_kind kind, size_t count, const char *unit, bool is_taken,
                        bool is_too_long)
{
    struct text body = { 0 };
    text_add(&body, "{\"value\":[{}");
    for (size_t i = 1; i < count; i++)
        text_add(&body, unit);
    text_add(&body, "]}");
    char *reply = answer("200 OK", body.bytes);
    struct bench bench;
    bench_start(&bench, STEPS({ STEP_ANSWER, reply, 0 }));
    ask(&bench, (struct question){ .kind = kind, .page_size = 1 });
    cr_expect_eq(bench.body != NULL, is_taken, "%zu %s", count, unit);
    cr_expect_eq(bench.too_long, is_too_long, "%zu %s", count, unit);
    text_clear(&body);
    free(reply);
    bench_end(&bench);
}

Test(chat_question, a_page_does_not_fill_the_memory)
{
    expect_page(QUESTION_MESSAGES, 200, ",{\"content\":\"{},{},{}\"}", true, false);
    expect_page(QUESTION_MESSAGES, 201, ",{}", false, false);
    expect_page(QUESTION_PARTICIPANTS, 250, ",{}", true, false);
    expect_page(QUESTION_MESSAGES, 30000, ",{}", false, true);
    expect_page(QUESTION_PARTICIPANTS, 30000, ",{}", false, true);
}

Test(chat_question, nobody_of_that_name_asks_nothing)
{
    struct bench bench;
    bench_start(&bench, NULL, 0);
    ask_as(&bench, "nobody", (struct question){ .kind = QUESTION_THREAD });
    cr_expect_null(bench.body);
    cr_expect_eq(bench.verdict.scope, SCOPE_SENDER);
    cr_expect_eq(bench.server->connection_count, 0);
    bench_end(&bench);
}
