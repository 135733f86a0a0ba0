#include "base/memory.h"
#include "base/text.h"
#include "chat/http.h"
#include "tests/unit/chat/scripted_server.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The resolver of this program: libcurl calls it in a thread of its own. It does
 * not come back before the test lets it.
 */
static atomic_bool resolver_entered, resolver_may_return, resolver_returned;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): not glibc's names */
int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
    (void)node;
    (void)service;
    (void)hints;
    *found = NULL;
    resolver_entered = true;
    while (!resolver_may_return)
        usleep(1000);
    resolver_returned = true;
    return EAI_NONAME;
}

struct bench {
    struct event_base *loop;
    struct http *http;
    struct scripted_server *server;
    int answers;
    enum http_progress progress;
    int status;
    enum http_failure failure;
    char text[256];
    char body[256];
    size_t body_length;
    bool body_cut;
    char retry_after[64], retry_after_ms[64], date[64], location[64], ms_cv[64];
    msec_t connect_ms, request_ms;
    struct http_request *next; /* started from within the callback */
};

static struct bench *bench_new(const struct step *steps, size_t count)
{
    struct bench *bench = xcalloc(1, sizeof *bench);
    bench->loop = event_base_new();
    bench->server = scripted_server_new(bench->loop, steps, count);
    bench->http = http_new(bench->loop, NULL, NULL);
    cr_assert(bench->http);
    return bench;
}

static void bench_free(struct bench *bench)
{
    http_free(bench->http);
    scripted_server_free(bench->server);
    event_base_free(bench->loop);
    free(bench);
}

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "(none)");
}

static void on_reply(void *context, const struct http_reply *reply)
{
    struct bench *bench = context;
    bench->answers++;
    bench->progress = reply->progress;
    bench->status = reply->status;
    bench->failure = reply->failure;
    bench->body_length = reply->body_length;
    bench->body_cut = reply->body_cut;
    bench->connect_ms = reply->connect_ms;
    bench->request_ms = reply->request_ms;
    copy(bench->text, sizeof bench->text, reply->failure_text);
    copy(bench->body, sizeof bench->body, reply->body);
    copy(bench->retry_after, sizeof bench->retry_after, reply->retry_after);
    copy(bench->retry_after_ms, sizeof bench->retry_after_ms, reply->retry_after_ms);
    copy(bench->date, sizeof bench->date, reply->date);
    copy(bench->location, sizeof bench->location, reply->location);
    copy(bench->ms_cv, sizeof bench->ms_cv, reply->ms_cv);
    if (bench->next)
        http_start(bench->http, bench->next, on_reply, bench);
    bench->next = NULL;
}

static void start(struct bench *bench, const char *url, const struct http_request *settings)
{
    struct http_request request = *settings;
    request.url = url;
    request.connect_timeout_ms = request.connect_timeout_ms ? request.connect_timeout_ms : 5000;
    request.timeout_ms = request.timeout_ms ? request.timeout_ms : 5000;
    request.longest_reply = request.longest_reply ? request.longest_reply : 1000;
    http_start(bench->http, &request, on_reply, bench);
}

static void wait_for_answers(struct bench *bench, int count)
{
    while (bench->answers < count)
        event_base_loop(bench->loop, EVLOOP_ONCE);
}

/* One request to the server and its answer. */
static void ask(struct bench *bench, const struct http_request *settings)
{
    char *url = xasprintf("http://127.0.0.1:%d/path", bench->server->port);
    int before = bench->answers;
    start(bench, url, settings);
    free(url);
    cr_assert_eq(bench->answers, before, "done came before the starter returned");
    wait_for_answers(bench, before + 1);
}

static const struct http_request get = { .method = HTTP_GET };

#define STEPS(...)                        \
    (const struct step[]){ __VA_ARGS__ }, \
        sizeof((const struct step[]){ __VA_ARGS__ }) / sizeof(struct step)

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Test(chat_http, asks_in_four_ways_on_one_connection)
{
    struct bench *bench =
        bench_new(STEPS({ STEP_ANSWER, OK, 0 }, { STEP_ANSWER, OK, 0 }, { STEP_ANSWER, OK, 0 },
                        { STEP_ANSWER, OK, 0 }, { STEP_ANSWER, OK, 0 }));
    static const char *const starts[] = { "GET /path ", "POST /path ", "PATCH /path ",
                                          "DELETE /path ", "GET /path " };
    const enum http_method methods[] = { HTTP_GET, HTTP_POST, HTTP_PATCH, HTTP_DELETE, HTTP_GET };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        bool with_body = methods[i] == HTTP_POST || methods[i] == HTTP_PATCH;
        ask(bench, &(struct http_request){ .method = methods[i],
                                           .headers = { "A: 1", NULL, "B: 2" },
                                           .body = with_body ? "body" : NULL,
                                           .body_length = with_body ? 4 : 0 });
        const char *request = bench->server->requests[i];
        cr_expect(strncmp(request, starts[i], strlen(starts[i])) == 0, "%s", request);
        cr_expect_str_eq(strstr(request, "\r\n\r\n") + 4, with_body ? "body" : "");
        cr_expect_eq(!!strstr(request, "Content-Length: 4\r\n"), with_body, "%s", request);
        cr_expect(strstr(request, "\r\nA: 1\r\nB: 2\r\n"), "%s", request);
        cr_expect_eq(bench->status, 200);
        cr_expect_eq(bench->progress, HTTP_ANSWERED);
        cr_expect_eq(bench->failure, HTTP_FAILURE_NONE);
        cr_expect_str_eq(bench->body, "ok");
    }
    cr_expect_eq(bench->server->connection_count, 1);
    cr_expect_eq(bench->connect_ms, 0, "reused");
    bench_free(bench);
}

Test(chat_http, shows_its_bearer_before_other_headers_and_only_when_it_has_one)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, OK, 0 }, { STEP_ANSWER, OK, 0 }));
    ask(bench, &(struct http_request){ .bearer = "sesame", .headers = { "A: 1" } });
    cr_expect(strstr(bench->server->requests[0], "\r\nAuthorization: Bearer sesame\r\nA: 1\r\n"));
    ask(bench, &(struct http_request){ .headers = { "A: 1" } });
    cr_expect_null(strcasestr(bench->server->requests[1], "Authorization"));
    bench_free(bench);
}

Test(chat_http, a_long_body_is_sent_without_asking_first)
{
    enum { LONG_BYTES = 1000 * 1000 };
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, OK, 0 }));
    char *body = xcalloc(1, LONG_BYTES);
    ask(bench,
        &(struct http_request){ .method = HTTP_POST, .body = body, .body_length = LONG_BYTES });
    cr_expect_eq(bench->status, 200);
    cr_expect_null(strcasestr(bench->server->requests[0], "\r\nExpect:"));
    free(body);
    bench_free(bench);
}

static void expect_request_line(const char *rest_of_url, const char *line)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, OK, 0 }, { STEP_ANSWER, OK, 0 }));
    char *url = xasprintf("http://127.0.0.1:%d%s", bench->server->port, rest_of_url);
    for (int i = 0; i < 2; i++) {
        start(bench, url, &get);
        wait_for_answers(bench, i + 1);
        const char *request = bench->server->requests[i];
        cr_expect(request && strncmp(request, line, strlen(line)) == 0, "%s", request);
    }
    free(url);
    bench_free(bench);
}

Test(chat_http, the_path_goes_out_as_it_came)
{
    expect_request_line("/a%3Ab/../c?d=e%20f&g", "GET /a%3Ab/../c?d=e%20f&g HTTP/1.1\r\n");
    expect_request_line("", "GET / HTTP/1.1\r\n");
    expect_request_line("?d=/e", "GET /?d=/e HTTP/1.1\r\n");
    expect_request_line("/c#d", "GET /c HTTP/1.1\r\n");
}

Test(chat_http, a_path_that_would_end_its_line_is_not_sent)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, OK, 0 }));
    char *url = xasprintf("http://127.0.0.1:%d/a HTTP/1.1\r\nB: c", bench->server->port);
    start(bench, url, &get);
    wait_for_answers(bench, 1);
    cr_expect_eq(bench->progress, HTTP_NOTHING_SENT);
    free(url);
    bench_free(bench);
}

Test(chat_http, headers_are_found_in_any_case)
{
    struct bench *bench =
        bench_new(STEPS({ STEP_ANSWER,
                          "HTTP/1.1 429 No\r\nRETRY-AFTER: 7\r\nx-ms-Retry-After-MS: 250\r\n"
                          "date: noon\r\nLocation: /there\r\nms-cv: abc.1\r\n"
                          "content-length: 0\r\n\r\n",
                          0 }));
    ask(bench, &get);
    cr_expect_eq(bench->status, 429);
    cr_expect_str_eq(bench->retry_after, "7");
    cr_expect_str_eq(bench->retry_after_ms, "250");
    cr_expect_str_eq(bench->date, "noon");
    cr_expect_str_eq(bench->location, "/there");
    cr_expect_str_eq(bench->ms_cv, "abc.1");
    bench_free(bench);
}

Test(chat_http, redirects_are_not_followed)
{
    struct bench *bench = bench_new(STEPS(
        { STEP_ANSWER, "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", 0 }));
    ask(bench, &get);
    cr_expect_eq(bench->status, 302);
    cr_expect_eq(bench->failure, HTTP_FAILURE_NONE);
    cr_expect_eq(bench->server->request_count, 1);
    bench_free(bench);
}

Test(chat_http, chunks_are_put_together)
{
    struct bench *bench = bench_new(STEPS(
        { STEP_ANSWER,
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
          0 }));
    ask(bench, &get);
    cr_expect_str_eq(bench->body, "ok");
    bench_free(bench);
}

Test(chat_http, a_body_too_long_is_cut_and_that_is_no_failure)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, OK, 0 }, { STEP_ANSWER, OK, 0 }));
    ask(bench, &(struct http_request){ .longest_reply = 1 });
    cr_expect_eq(bench->status, 200);
    cr_expect_eq(bench->failure, HTTP_FAILURE_NONE);
    cr_expect(bench->body_cut);
    cr_expect_str_eq(bench->body, "o");
    ask(bench, &(struct http_request){ .longest_reply = 2 });
    cr_expect_not(bench->body_cut);
    cr_expect_str_eq(bench->body, "ok");
    bench_free(bench);
}

Test(chat_http, a_kept_connection_that_dies_unanswered_is_not_tried_again)
{
    struct bench *bench =
        bench_new(STEPS({ STEP_ANSWER, OK, 0 }, { STEP_CLOSE, NULL, 0 }, { STEP_ANSWER, OK, 0 }));
    struct http_request post = { .method = HTTP_POST, .body = "x", .body_length = 1 };
    ask(bench, &post);
    cr_expect_eq(bench->status, 200);
    ask(bench, &post);
    cr_expect_eq(bench->progress, HTTP_SENT);
    cr_expect_eq(bench->status, 0);
    cr_expect_eq(bench->failure, HTTP_FAILURE_CLOSED);
    event_base_loop(bench->loop, EVLOOP_NONBLOCK);
    cr_expect_eq(bench->server->request_count, 2);
    ask(bench, &post);
    cr_expect_eq(bench->status, 200, "the handle serves the next request");
    bench_free(bench);
}

static void expect_in_doubt(enum step_kind kind, const char *bytes, enum http_failure failure)
{
    struct bench *bench = bench_new(STEPS({ kind, bytes, 0 }));
    ask(bench, &(struct http_request){ .method = HTTP_POST, .body = "x", .body_length = 1 });
    cr_expect_eq(bench->progress, HTTP_SENT, "%s: %d", bytes, bench->progress);
    cr_expect_eq(bench->status, 0);
    cr_expect_eq(bench->failure, failure, "%s: %s", bytes, http_failure_name(bench->failure));
    cr_expect_eq(bench->server->request_count, 1);
    bench_free(bench);
}

static int watched(const struct bench *bench)
{
    return event_base_get_num_events(bench->loop, EVENT_BASE_COUNT_ADDED);
}

/* Else the loop would turn for ever, or miss what another socket of the same number has to say. */
Test(chat_http, a_connection_that_was_closed_is_no_longer_watched)
{
    struct bench *bench = bench_new(STEPS({ STEP_CLOSE, OK, 0 },
                                          { STEP_ANSWER,
                                            "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                                            "Content-Length: 0\r\n\r\n",
                                            0 },
                                          { STEP_ANSWER, OK, 0 }));
    int before = watched(bench);

    ask(bench, &get);
    for (int i = 0; i < 1000 && watched(bench) > before; i++)
        event_base_loop(bench->loop, EVLOOP_NONBLOCK);
    cr_expect_eq(watched(bench), before, "the server has closed it");

    ask(bench, &get);
    while (bench->server->orderly_ends + bench->server->reset_ends == 0)
        event_base_loop(bench->loop, EVLOOP_ONCE);
    cr_expect_eq(watched(bench), before, "we have closed it");

    ask(bench, &get);
    cr_expect_eq(bench->status, 200);
    bench_free(bench);
}

Test(chat_http, without_a_status_a_request_sent_is_in_doubt)
{
    expect_in_doubt(STEP_CLOSE, NULL, HTTP_FAILURE_CLOSED);
    expect_in_doubt(STEP_RESET, NULL, HTTP_FAILURE_CLOSED);
    expect_in_doubt(STEP_CLOSE, "HTTP/1.1 20", HTTP_FAILURE_CLOSED);
    expect_in_doubt(STEP_CLOSE, "HTTP/1.1 100 Continue\r\n\r\n", HTTP_FAILURE_CLOSED);
    expect_in_doubt(STEP_CLOSE, "garbage\r\n\r\n", HTTP_FAILURE_GARBLED);
}

Test(chat_http, a_status_counts_though_the_rest_is_lost)
{
    struct bench *bench =
        bench_new(STEPS({ STEP_CLOSE, "HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\nha", 0 },
                        { STEP_CLOSE, "HTTP/1.1 201 Created\r\nContent-Le", 0 }));
    ask(bench, &get);
    cr_expect_eq(bench->progress, HTTP_ANSWERED);
    cr_expect_eq(bench->status, 201);
    cr_expect_eq(bench->failure, HTTP_FAILURE_CLOSED);
    cr_expect_str_eq(bench->body, "ha");
    ask(bench, &get);
    cr_expect_eq(bench->status, 201);
    bench_free(bench);
}

/* `beginning`, and then 300 KiB of headers. */
static void expect_cut(const char *beginning, const char *header, int status)
{
    enum { BYTES = 300 * 1024 };
    struct text answer = { 0 };
    text_add(&answer, beginning);
    while (answer.length < BYTES)
        text_add(&answer, header);
    struct bench *bench =
        bench_new(STEPS({ STEP_ANSWER, answer.bytes, 0 }, { STEP_ANSWER, OK, 0 }));
    ask(bench, &(struct http_request){ .timeout_ms = 5000 });
    cr_expect_eq(bench->progress, status ? HTTP_ANSWERED : HTTP_SENT, "%s", beginning);
    cr_expect_eq(bench->status, status, "%s: %d", beginning, bench->status);
    cr_expect_eq(bench->failure, HTTP_FAILURE_GARBLED, "%s: %s", beginning, bench->text);
    cr_expect(strstr(bench->text, "headers"), "%s: %s", beginning, bench->text);
    ask(bench, &get);
    cr_expect_eq(bench->status, 200, "the next is counted anew");
    cr_expect_eq(bench->failure, HTTP_FAILURE_NONE);
    bench_free(bench);
    text_clear(&answer);
}

Test(chat_http, headers_without_end_are_not_taken)
{
    static const char line[] = "X-Filler: and so on, and so on, and so on, and so on\r\n";
    expect_cut("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", line, 201);
    expect_cut("HTTP/1.1 201 Created\r\n", line, 201);
    expect_cut("", "HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n", 0);
}

Test(chat_http, interim_answers_are_stepped_over)
{
    struct bench *bench =
        bench_new(STEPS({ STEP_ANSWER, "HTTP/1.1 103 Early Hints\r\n\r\n" OK, 0 }));
    ask(bench, &get);
    cr_expect_eq(bench->status, 200);
    bench_free(bench);
}

Test(chat_http, a_stall_ends_in_doubt_and_giving_up_resets_the_connection)
{
    struct bench *bench = bench_new(STEPS({ STEP_STALL, NULL, 0 }));
    ask(bench, &(struct http_request){ .timeout_ms = 50 });
    cr_expect_eq(bench->progress, HTTP_SENT);
    cr_expect_eq(bench->failure, HTTP_FAILURE_TIMEOUT);
    while (bench->server->orderly_ends + bench->server->reset_ends == 0)
        event_base_loop(bench->loop, EVLOOP_ONCE);
    cr_expect_eq(bench->server->reset_ends, 1, "what the kernel still held was discarded");
    bench_free(bench);
}

Test(chat_http, what_is_under_way_is_dropped_without_a_call)
{
    struct bench *bench = bench_new(NULL, 0);
    char *url = xasprintf("http://127.0.0.1:%d/", bench->server->port);
    start(bench, url, &get);
    while (bench->server->request_count == 0)
        event_base_loop(bench->loop, EVLOOP_ONCE);
    start(bench, url, &get);
    http_free(bench->http);
    bench->http = NULL;
    while (bench->server->orderly_ends + bench->server->reset_ends == 0)
        event_base_loop(bench->loop, EVLOOP_ONCE);
    cr_expect_eq(bench->server->reset_ends, 1);
    cr_expect_eq(bench->answers, 0);
    free(url);
    bench_free(bench);
}

static void expect_nothing_sent(const char *url, enum http_failure failure)
{
    struct bench *bench = bench_new(NULL, 0);
    start(bench, url, &(struct http_request){ .connect_timeout_ms = 50 });
    wait_for_answers(bench, 1);
    cr_expect_eq(bench->progress, HTTP_NOTHING_SENT, "%s", url);
    cr_expect_eq(bench->failure, failure, "%s: %s", url, http_failure_name(bench->failure));
    cr_expect(bench->text[0]);
    bench_free(bench);
}

Test(chat_http, without_a_connection_nothing_was_sent)
{
    char *url = xasprintf("http://127.0.0.1:%d/", closed_port());
    expect_nothing_sent(url, HTTP_FAILURE_CONNECT);
    free(url);
    resolver_may_return = true;
    expect_nothing_sent("http://nowhere.invalid/", HTTP_FAILURE_NAME);
}

Test(chat_http, only_http_is_spoken)
{
    char path[] = "/tmp/chat-http-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    char *url = xasprintf("file://%s", path);
    expect_nothing_sent(url, HTTP_FAILURE_GARBLED);
    free(url);
    unlink(path);
    close(fd);
}

/* Talking TLS to a server that does not: nothing of the request may be on the wire. */
Test(chat_http, without_tls_nothing_was_sent)
{
    struct bench *bench = bench_new(NULL, 0);
    char *url = xasprintf("https://127.0.0.1:%d/", bench->server->port);
    start(bench, url, &(struct http_request){ .connect_timeout_ms = 50 });
    wait_for_answers(bench, 1);
    cr_expect_eq(bench->progress, HTTP_NOTHING_SENT);
    cr_expect_eq(bench->failure, HTTP_FAILURE_TIMEOUT);
    free(url);
    bench_free(bench);
}

Test(chat_http, the_environment_names_no_proxy)
{
    char *proxy = xasprintf("http://127.0.0.1:%d/", closed_port());
    setenv("http_proxy", proxy, 1); /* NOLINT(concurrency-mt-unsafe): still one thread */
    setenv("all_proxy", proxy, 1);  /* NOLINT(concurrency-mt-unsafe) */
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, OK, 0 }));
    ask(bench, &get);
    cr_expect_eq(bench->status, 200);
    free(proxy);
    bench_free(bench);
}

Test(chat_http, a_resolver_that_hangs_holds_nobody_up)
{
    struct bench *bench = bench_new(NULL, 0);
    start(bench, "http://hangs.invalid/", &(struct http_request){ .timeout_ms = 20 });
    start(bench, "http://hangs.invalid/", &get);
    wait_for_answers(bench, 1);
    cr_expect_eq(bench->progress, HTTP_NOTHING_SENT);
    cr_expect_eq(bench->failure, HTTP_FAILURE_TIMEOUT);
    while (!resolver_entered)
        event_base_loop(bench->loop, EVLOOP_NONBLOCK);
    bench_free(bench);
    cr_expect_not(resolver_returned);
    resolver_may_return = true;
    while (!resolver_returned)
        usleep(1000);
}

Test(chat_http, a_request_may_be_started_from_an_answer)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, OK, 0 }, { STEP_ANSWER, OK, 0 }));
    char *url = xasprintf("http://127.0.0.1:%d/again", bench->server->port);
    struct http_request again = {
        .url = url, .connect_timeout_ms = 5000, .timeout_ms = 5000, .longest_reply = 10
    };
    bench->next = &again;
    ask(bench, &get);
    wait_for_answers(bench, 2);
    cr_expect_eq(bench->server->request_count, 2);
    free(url);
    bench_free(bench);
}
