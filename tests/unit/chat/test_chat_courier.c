#include "base/memory.h"
#include "chat/courier.h"
#include "queue/pacer.h"
#include "tests/unit/chat/scripted_server.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char thread_id[] = "19:acsV1_x5@thread.v2";
static const char stamp[] = "0123456789abcdef0123456789abcdef";
static const char other_stamp[] = "fedcba9876543210fedcba9876543210";
static const char date[] = "Date: Sat, 21 Nov 2026 22:00:10 GMT\r\n";
enum { NOW_AT_S = 1795298400 }; /* Sat, 21 Nov 2026 22:00:00 GMT */

/* A chat with one sender, its server, and what came back. */
struct bench {
    struct event_base *loop;
    struct scripted_server *server;
    struct chat *chat;
    struct courier courier;
    char folder[32];
    char *token_file;
    char *endpoint;
    int answers;
    struct delivery delivery;
    struct findings findings;
    struct finding found[2];
    size_t sought;
    struct pacer lists;
    struct inspected inspected;
};

static struct moment fixed_now(void *context)
{
    (void)context;
    return (struct moment){ .at = (msec_t)NOW_AT_S * 1000,
                            .steady_at = clock_now(&clock_system).steady_at };
}

static const struct clock fixed_clock = { .now = fixed_now };

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    cr_assert(file);
    fputs(text, file);
    fclose(file);
    cr_assert(chmod(path, mode) == 0);
}

static void count_up(void *context, void *bytes, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)i;
}

static bool configure(struct bench *bench)
{
    struct chat_sender sender = { .name = "alerts",
                                  .token = { .file = bench->token_file,
                                             .endpoint = bench->endpoint },
                                  .display_name = "db01",
                                  .api_version = "2025-03-15",
                                  .connect_timeout_ms = 5000,
                                  .request_timeout_ms = 5000 };
    return chat_configure(bench->chat, &sender, 1, NULL);
}

static void limit_lists(struct bench *bench, int64_t lists, msec_t window_ms)
{
    const struct pacer_limits limits = { .paces = { { lists, window_ms } },
                                         .pace_count = 1,
                                         .pace_percent = 100 };
    pacer_limit(&bench->lists, &limits);
}

static struct bench *bench_new(const struct step *steps, size_t count)
{
    struct bench *bench = xcalloc(1, sizeof *bench);
    snprintf(bench->folder, sizeof bench->folder, "/tmp/chat-courier-XXXXXX");
    cr_assert(mkdtemp(bench->folder));
    bench->token_file = xasprintf("%s/token", bench->folder);
    write_file(bench->token_file, "sesame\n", 0600);

    bench->loop = event_base_new();
    bench->server = scripted_server_new(bench->loop, steps, count);
    bench->endpoint = xasprintf("http://127.0.0.1:%d/", bench->server->port);
    struct chat_setup setup = { .loop = bench->loop,
                                .clock = &fixed_clock,
                                .random = count_up,
                                .user_agent = "chatrelay/test" };
    limit_lists(bench, 200, 60000);
    bench->chat = chat_new(&setup, NULL);
    cr_assert(bench->chat);
    cr_assert(configure(bench));
    bench->courier = chat_courier(bench->chat);
    return bench;
}

static void bench_free(struct bench *bench)
{
    chat_free(bench->chat);
    scripted_server_free(bench->server);
    event_base_free(bench->loop);
    pacer_clear(&bench->lists);
    unlink(bench->token_file);
    rmdir(bench->folder);
    free(bench->token_file);
    free(bench->endpoint);
    free(bench);
}

static void on_delivery(void *context, const struct delivery *delivery)
{
    struct bench *bench = context;
    bench->delivery = *delivery;
    bench->answers++;
}

static void on_findings(void *context, const struct findings *findings)
{
    struct bench *bench = context;
    bench->findings = *findings;
    memcpy(bench->found, findings->found, bench->sought * sizeof bench->found[0]);
    bench->answers++;
}

static void on_inspected(void *context, const struct inspected *inspected)
{
    struct bench *bench = context;
    bench->inspected = *inspected;
    bench->answers++;
}

static void run(struct bench *bench)
{
    cr_assert_eq(bench->answers, 0, "done came before the starter returned");
    while (bench->answers == 0)
        event_base_loop(bench->loop, EVLOOP_ONCE);
    cr_assert_eq(bench->answers, 1);
    bench->answers = 0;
}

static struct delivery send_as(struct bench *bench, const char *sender)
{
    char content[] = "disk \"full\" on db01";
    struct message message = { .content = content, .content_bytes = strlen(content) };
    memcpy(message.stamp, stamp, sizeof stamp);
    struct parcel parcel = {
        .endpoint = bench->endpoint, .thread = thread_id, .sender = sender, .message = &message
    };
    bench->courier.send(bench->courier.self, &parcel, on_delivery, bench);
    run(bench);
    return bench->delivery;
}

static void look_for(struct bench *bench, const char *first, const char *second)
{
    const char *stamps[] = { first, second };
    struct look look = { .endpoint = bench->endpoint,
                         .thread = thread_id,
                         .sender = "alerts",
                         .since_at = (msec_t)NOW_AT_S * 1000,
                         .lists = &bench->lists,
                         .count = second ? 2 : 1,
                         .stamps = stamps };
    bench->sought = look.count;
    bench->courier.look(bench->courier.self, &look, on_findings, bench);
    run(bench);
}

/* An answer with its length; to be freed. */
static char *answer(const char *status, const char *headers, const char *body)
{
    return xasprintf(
        "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n"
        "\r\n%s",
        status, headers, strlen(body), body);
}

static const char created[] =
    "HTTP/1.1 201 Created\r\nContent-Length: 22\r\nMS-CV: abc.1\r\n"
    "Date: Sat, 21 Nov 2026 22:00:10 GMT\r\n\r\n"
    "{\"id\":\"1593072104708\"}";

#define STEPS(...)                        \
    (const struct step[]){ __VA_ARGS__ }, \
        sizeof((const struct step[]){ __VA_ARGS__ }) / sizeof(struct step)

Test(chat_courier, sends_the_request_of_the_api)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, created, 0 }));
    struct delivery delivery = send_as(bench, "alerts");
    const char *request = bench->server->requests[0];

    cr_expect_eq(delivery.outcome, OUTCOME_SENT);
    cr_expect_eq(delivery.scope, SCOPE_NONE);
    cr_expect_eq(delivery.http, 201);
    cr_expect_str_eq(delivery.remote_id, "1593072104708");
    cr_expect_str_eq(delivery.cv, "abc.1");
    cr_expect(delivery.dated);
    cr_expect_eq(delivery.clock_ahead_ms, 10000);

    const char line[] =
        "POST /chat/threads/19%3AacsV1_x5%40thread.v2/messages"
        "?api-version=2025-03-15 HTTP/1.1\r\n";
    cr_expect(strncmp(request, line, strlen(line)) == 0, "%s", request);
    cr_expect(strstr(request, "\r\nAuthorization: Bearer sesame\r\n"));
    cr_expect(strstr(request, "\r\nContent-Type: application/json\r\n"));
    cr_expect(strstr(request, "\r\nUser-Agent: chatrelay/test\r\n"));
    cr_expect(
        strstr(request, "\r\nx-ms-client-request-id: 00010203-0405-4607-8809-0a0b0c0d0e0f\r\n"));
    cr_expect_null(strcasestr(request, "Expect"));

    json_t *body = json_loads(strstr(request, "\r\n\r\n") + 4, 0, NULL);
    json_t *wanted =
        json_pack("{s:s,s:s,s:s,s:{s:s}}", "content", "disk \"full\" on db01", "senderDisplayName",
                  "db01", "type", "text", "metadata", "chatrelayId", stamp);
    cr_expect(json_equal(body, wanted), "%s", request);
    json_decref(body);
    json_decref(wanted);
    bench_free(bench);
}

Test(chat_courier, a_message_brings_its_own_name_and_metadata)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, created, 0 }));
    char content[] = "<b>up</b>", name[] = "web", metadata[] = "{\"host\":\"web01\"}";
    struct message message = { .content = content,
                               .content_bytes = strlen(content),
                               .type = MESSAGE_HTML,
                               .display_name = name,
                               .metadata = metadata };
    memcpy(message.stamp, stamp, sizeof stamp);
    struct parcel parcel = { bench->endpoint, thread_id, "alerts", &message };
    bench->courier.send(bench->courier.self, &parcel, on_delivery, bench);
    run(bench);

    const char *request = bench->server->requests[0];
    json_t *body = json_loads(strstr(request, "\r\n\r\n") + 4, 0, NULL);
    json_t *wanted =
        json_pack("{s:s,s:s,s:s,s:{s:s,s:s}}", "content", content, "senderDisplayName", name,
                  "type", "html", "metadata", "host", "web01", "chatrelayId", stamp);
    cr_expect(json_equal(body, wanted), "%s", request);
    json_decref(body);
    json_decref(wanted);
    bench_free(bench);
}

/* The heart of "at most once": a kept connection that dies unanswered is not tried again. */
Test(chat_courier, a_lost_answer_is_in_doubt_and_the_request_came_once)
{
    struct bench *bench = bench_new(
        STEPS({ STEP_ANSWER, created, 0 }, { STEP_CLOSE, NULL, 0 }, { STEP_ANSWER, created, 0 }));
    cr_expect_eq(send_as(bench, "alerts").outcome, OUTCOME_SENT);
    struct delivery delivery = send_as(bench, "alerts");

    cr_expect_eq(delivery.outcome, OUTCOME_DOUBT);
    cr_expect_eq(delivery.scope, SCOPE_ENDPOINT);
    cr_expect_str_eq(delivery.code, "closed");
    cr_expect_eq(bench->server->request_count, 2);
    bench_free(bench);
}

Test(chat_courier, nobody_there_is_unsent)
{
    struct bench *bench = bench_new(NULL, 0);
    free(bench->endpoint);
    bench->endpoint = xasprintf("http://127.0.0.1:%d", closed_port());
    cr_assert(configure(bench));
    struct delivery delivery = send_as(bench, "alerts");

    cr_expect_eq(delivery.outcome, OUTCOME_UNSENT);
    cr_expect_eq(delivery.scope, SCOPE_ENDPOINT);
    cr_expect_str_eq(delivery.code, "connect");
    cr_expect(strstr(delivery.detail, "127.0.0.1"), "%s", delivery.detail);
    bench_free(bench);
}

Test(chat_courier, an_unknown_sender_is_unsent)
{
    struct bench *bench = bench_new(NULL, 0);
    struct delivery delivery = send_as(bench, "nobody");

    cr_expect_eq(delivery.outcome, OUTCOME_UNSENT);
    cr_expect_eq(delivery.scope, SCOPE_SENDER);
    cr_expect_eq(bench->server->connection_count, 0);
    bench_free(bench);
}

Test(chat_courier, without_a_token_nothing_is_sent)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, created, 0 }));
    unlink(bench->token_file);
    struct delivery delivery = send_as(bench, "alerts");
    cr_expect_eq(delivery.outcome, OUTCOME_UNSENT);
    cr_expect_eq(delivery.scope, SCOPE_SENDER);
    cr_expect_str_eq(delivery.code, "token");
    cr_expect(strstr(delivery.detail, bench->token_file), "%s", delivery.detail);
    cr_expect_eq(bench->server->connection_count, 0);

    write_file(bench->token_file, "sesame", 0600);
    cr_expect_eq(send_as(bench, "alerts").outcome, OUTCOME_SENT);
    bench_free(bench);
}

/* Another token in the file, which looks the same to stat(). */
static void replace_token_unseen(const struct bench *bench, const char *token)
{
    struct stat before;
    cr_assert(stat(bench->token_file, &before) == 0);
    write_file(bench->token_file, token, 0600);
    cr_assert(utimensat(AT_FDCWD, bench->token_file,
                        (struct timespec[]){ before.st_atim, before.st_mtim }, 0) == 0);
}

Test(chat_courier, a_refused_token_is_charged_to_the_sender_and_read_again)
{
    char *refused = answer("401 Unauthorized", "", "");
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, created, 0 }, { STEP_ANSWER, refused, 0 },
                                          { STEP_ANSWER, created, 0 }));
    cr_expect_eq(send_as(bench, "alerts").outcome, OUTCOME_SENT);
    replace_token_unseen(bench, "simsim\n");
    struct delivery delivery = send_as(bench, "alerts");
    cr_expect_eq(delivery.outcome, OUTCOME_REFUSED);
    cr_expect_eq(delivery.scope, SCOPE_SENDER);
    cr_expect_null(strstr(delivery.detail, "sesame"));
    cr_expect(strstr(bench->server->requests[1], "\r\nAuthorization: Bearer sesame\r\n"));

    cr_expect_eq(send_as(bench, "alerts").outcome, OUTCOME_SENT);
    cr_expect(strstr(bench->server->requests[2], "\r\nAuthorization: Bearer simsim\r\n"));
    free(refused);
    bench_free(bench);
}

Test(chat_courier, a_reload_leaves_alone_what_is_under_way)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, created, 0 }));
    char content[] = "hello";
    struct message message = { .content = content, .content_bytes = 5 };
    struct parcel parcel = { bench->endpoint, thread_id, "alerts", &message };
    bench->courier.send(bench->courier.self, &parcel, on_delivery, bench);
    cr_assert(chat_configure(bench->chat, NULL, 0, NULL));
    cr_assert(chat_configure(bench->chat, NULL, 0, NULL));
    run(bench);
    cr_expect_eq(bench->delivery.outcome, OUTCOME_SENT);
    cr_expect_eq(send_as(bench, "alerts").outcome, OUTCOME_UNSENT, "the sender is gone");
    bench_free(bench);
}

Test(chat_courier, a_token_goes_to_its_senders_endpoint_alone)
{
    static const struct {
        const char *before, *behind; /* the server's own port */
    } others[] = { { "http://127.0.0.1:", "0" },
                   { "http://127.0.0.1:", "/x" },
                   { "https://127.0.0.1:", "" },
                   { "http://127.0.0.1:", "@n.example" } };
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, created, 0 }));
    char *own = bench->endpoint;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bench->endpoint =
            xasprintf("%s%d%s", others[i].before, bench->server->port, others[i].behind);
        cr_assert(configure(bench));
        free(bench->endpoint);
        bench->endpoint = own;
        struct delivery delivery = send_as(bench, "alerts");
        cr_expect_eq(delivery.outcome, OUTCOME_UNSENT, "%s", others[i].behind);
        cr_expect_str_eq(delivery.code, "endpoint");
        cr_expect(strstr(delivery.detail, "another endpoint"), "%s", delivery.detail);
    }
    cr_expect_eq(bench->server->request_count, 0);
    cr_assert(configure(bench));
    cr_expect_eq(send_as(bench, "alerts").outcome, OUTCOME_SENT);
    bench_free(bench);
}

Test(chat_courier, a_bad_reload_changes_nothing)
{
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, created, 0 }));
    struct chat_sender twins[2];
    for (int i = 0; i < 2; i++)
        twins[i] =
            (struct chat_sender){ .name = "twin",
                                  .token = { .file = "/none", .endpoint = "https://n.example" },
                                  .api_version = "2025-03-15",
                                  .connect_timeout_ms = 1,
                                  .request_timeout_ms = 1 };
    struct error err;
    cr_expect_not(chat_configure(bench->chat, twins, 2, &err));
    cr_expect(strstr(err.text, "twin"), "%s", err.text);
    cr_expect_eq(send_as(bench, "alerts").outcome, OUTCOME_SENT);
    bench_free(bench);
}

Test(chat_courier, freed_with_work_under_way_it_calls_nobody)
{
    struct bench *bench = bench_new(NULL, 0);
    char content[] = "hello";
    struct message message = { .content = content, .content_bytes = 5 };
    struct parcel parcel = { bench->endpoint, thread_id, "alerts", &message };
    struct parcel unknown = { bench->endpoint, thread_id, "nobody", &message };
    const char *stamps[] = { stamp };
    struct look look = { bench->endpoint, thread_id, "alerts", 0, &bench->lists, 1, stamps };
    bench->courier.send(bench->courier.self, &parcel, on_delivery, bench);
    bench->courier.send(bench->courier.self, &unknown, on_delivery, bench);
    unlink(bench->token_file);
    bench->courier.send(bench->courier.self, &parcel, on_delivery, bench);
    bench->courier.look(bench->courier.self, &look, on_findings, bench);
    chat_free(bench->chat);
    bench->chat = NULL;
    event_base_loop(bench->loop, EVLOOP_NONBLOCK);
    cr_expect_eq(bench->answers, 0);
    bench_free(bench);
}

static char *list_answer(const char *value, const char *next_link)
{
    char *body = next_link ? xasprintf("{\"value\":[%s],\"nextLink\":\"%s\"}", value, next_link)
                           : xasprintf("{\"value\":[%s]}", value);
    char *whole = answer("200 OK", date, body);
    free(body);
    return whole;
}

static char *listed(const char *id, const char *with_stamp)
{
    return xasprintf("{\"id\":\"%s\",\"type\":\"text\",\"metadata\":{\"chatrelayId\":\"%s\"}}", id,
                     with_stamp);
}

Test(chat_courier, a_look_reads_every_page)
{
    char *first_message = listed("1001", other_stamp), *second_message = listed("1000", stamp);
    char *first = list_answer(first_message, "/chat/page2?x=1"), *second = list_answer("", "/p3"),
         *third = list_answer(second_message, NULL);
    struct bench *bench = bench_new(
        STEPS({ STEP_ANSWER, first, 0 }, { STEP_ANSWER, second, 0 }, { STEP_ANSWER, third, 0 }));
    look_for(bench, stamp, other_stamp);

    cr_expect(bench->findings.complete);
    cr_expect_str_eq(bench->found[0].remote_id, "1000");
    cr_expect_str_eq(bench->found[1].remote_id, "1001");
    const char line[] =
        "GET /chat/threads/19%3AacsV1_x5%40thread.v2/messages"
        "?api-version=2025-03-15&maxPageSize=200"
        "&startTime=2026-11-21T22%3A00%3A00.000Z HTTP/1.1\r\n";
    cr_expect(strncmp(bench->server->requests[0], line, strlen(line)) == 0, "%s",
              bench->server->requests[0]);
    cr_expect(strstr(bench->server->requests[1], "GET /chat/page2?x=1 HTTP/1.1\r\n"));
    cr_expect(strstr(bench->server->requests[2], "\r\nAuthorization: Bearer sesame\r\n"));
    bench_free(bench);
    free(first_message);
    free(second_message);
    free(first);
    free(second);
    free(third);
}

/* A digest that says to have ours in it, from 17 to 42. */
static char *digest_of(const char *author, const char *first, const char *last)
{
    char *message = xasprintf(
        "{\"id\":\"1002\",\"senderCommunicationIdentifier\":{\"rawId\":\"%s\"},"
        "\"metadata\":{\"chatrelayId\":\"d123456789abcdef0123456789abcdef\","
        "\"chatrelayFirst\":\"%s 17\",\"chatrelayLast\":\"%s 42\"}}",
        author, first, last);
    char *page = list_answer(message, NULL);
    free(message);
    return page;
}

/* Whether it is believed. */
static bool finds_in(const char *authors, const char *author, const char *first, const char *last)
{
    char *page = digest_of(author, first, last);
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, page, 0 }));
    chat_know_authors(bench->chat, authors);
    look_for(bench, stamp, NULL);
    struct finding found = bench->found[0];
    bench_free(bench);
    free(page);
    cr_expect(!found.remote_id[0] || (found.first_rank == 17 && found.last_rank == 42));
    return found.remote_id[0] != '\0';
}

Test(chat_courier, a_digest_is_found_by_either_of_its_ends)
{
    static const char unknown[] = "a123456789abcdef0123456789abcdef";
    cr_expect(finds_in("8:acs:us\n", "8:acs:us", stamp, unknown));
    cr_expect(finds_in("8:acs:us\n", "8:acs:us", unknown, stamp));
    cr_expect(!finds_in("8:acs:us\n", "8:acs:us", unknown, unknown));
}

Test(chat_courier, a_digest_of_somebody_else_proves_nothing)
{
    cr_expect(!finds_in("8:acs:us\n", "8:acs:them", stamp, stamp));
    cr_expect(!finds_in("8:acs:us\n", "8:acs:u", stamp, stamp));
    cr_expect(!finds_in("8:acs:us\n", "", stamp, stamp));
    cr_expect(finds_in("8:acs:we_were\n8:acs:us\n", "8:acs:we_were", stamp, stamp));
    cr_expect(finds_in("8:acs:we_were\n8:acs:us\n", "8:acs:us", stamp, stamp));
    cr_expect(finds_in("", "8:acs:them", stamp, stamp), "nobody knows who we are");
}

Test(chat_courier, a_look_ends_when_all_is_found)
{
    char *message = listed("1000", stamp), *page = list_answer(message, "/p2");
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, page, 0 }));
    look_for(bench, stamp, NULL);
    cr_expect(bench->findings.complete);
    cr_expect_str_eq(bench->found[0].remote_id, "1000");
    cr_expect_eq(bench->server->request_count, 1);
    bench_free(bench);
    free(message);
    free(page);
}

Test(chat_courier, a_page_seen_before_ends_a_look)
{
    char *to_b = list_answer("", "/b"), *to_a = list_answer("", "/a");
    struct bench *bench = bench_new(
        STEPS({ STEP_ANSWER, to_a, 0 }, { STEP_ANSWER, to_b, 0 }, { STEP_ANSWER, to_a, 0 }));
    look_for(bench, stamp, NULL);
    cr_expect(bench->findings.complete);
    cr_expect_str_eq(bench->found[0].remote_id, "");
    cr_expect_eq(bench->server->request_count, 3);
    bench_free(bench);
    free(to_a);
    free(to_b);
}

Test(chat_courier, created_and_then_cut_off_is_sent_whatever_is_missing)
{
    static const char *const parts[] = {
        "HTTP/1.1 201 Created\r\nContent-Length: 22\r\nLocat",
        "HTTP/1.1 201 Created\r\nContent-Length: 22\r\n\r\n",
        "HTTP/1.1 201 Created\r\nContent-Length: 22\r\n\r\n{\"id\":\"15930",
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        struct bench *bench = bench_new(STEPS({ STEP_CLOSE, parts[i], 0 }));
        struct delivery delivery = send_as(bench, "alerts");
        cr_expect(delivery.outcome == OUTCOME_SENT && delivery.http == 201, "%s", parts[i]);
        cr_expect_str_eq(delivery.remote_id, "");
        bench_free(bench);
    }
}

Test(chat_courier, every_page_of_a_look_waits_for_its_budget)
{
    enum { PAGES = 25, WINDOW_MS = 20 };
    struct step steps[PAGES];
    char *pages[PAGES], *message = listed("1000", stamp);
    for (int i = 0; i < PAGES; i++) {
        char link[16];
        snprintf(link, sizeof link, "/%d", i);
        pages[i] = i < PAGES - 1 ? list_answer("", link) : list_answer(message, NULL);
        steps[i] = (struct step){ STEP_ANSWER, pages[i], 0 };
    }
    struct bench *bench = bench_new(steps, PAGES);
    limit_lists(bench, 5, WINDOW_MS);
    msec_t began_at = clock_now(&clock_system).steady_at;
    look_for(bench, stamp, NULL);
    cr_expect(clock_now(&clock_system).steady_at - began_at >= (PAGES - 1) / 5 * WINDOW_MS);
    cr_expect(bench->lists.all.count == PAGES && bench->lists.all.under_way == 0);
    cr_expect(bench->findings.complete);
    cr_expect_str_eq(bench->found[0].remote_id, "1000");
    bench_free(bench);
    free(message);
    for (int i = 0; i < PAGES; i++)
        free(pages[i]);
}

Test(chat_courier, a_look_goes_on_and_carries_its_token_nowhere_else)
{
    struct bench *elsewhere = bench_new(NULL, 0);
    char *link = xasprintf("http://127.0.0.1:%d/next", elsewhere->server->port);
    char *page = list_answer("", link);
    char *message = listed("1000", stamp), *last = list_answer(message, NULL);
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, page, 0 }, { STEP_ANSWER, last, 0 }));
    look_for(bench, stamp, NULL);
    cr_expect(bench->findings.complete);
    cr_expect_str_eq(bench->found[0].remote_id, "1000");
    cr_expect(strncmp(bench->server->requests[1], "GET /next ", 10) == 0);
    event_base_loop(elsewhere->loop, EVLOOP_NONBLOCK);
    cr_expect_eq(elsewhere->server->connection_count, 0);
    bench_free(bench);
    bench_free(elsewhere);
    free(link);
    free(page);
    free(message);
    free(last);
}

static void expect_incomplete(const char *reply, enum step_kind kind, enum scope scope)
{
    struct bench *bench = bench_new(STEPS({ kind, reply, 0 }));
    look_for(bench, stamp, NULL);
    cr_expect_not(bench->findings.complete, "%s", reply);
    cr_expect_eq(bench->findings.answer.scope, scope, "%s: scope %d", reply,
                 bench->findings.answer.scope);
    /* No answer of the chat's: its thread alone is charged if others are answered. */
    enum outcome outcome = scope == SCOPE_ENDPOINT ? OUTCOME_DOUBT : OUTCOME_REFUSED;
    cr_expect_eq(bench->findings.answer.outcome, outcome, "%s", reply);
    bench_free(bench);
}

Test(chat_courier, a_look_that_fails_says_nothing_is_not_there)
{
    static const char forbidden[] = "{\"CommunicationError\":{\"Code\":\"Forbidden\"}}";
    char *replies[] = { answer("200 OK", "", "{\"value\":"),
                        answer("200 OK", "", "[]"),
                        answer("403 Forbidden", "", forbidden),
                        answer("400 Bad Request", "", "{\"error\":{\"code\":\"BadRequest\"}}"),
                        answer("429 Too Many Requests", "Retry-After: 7\r\n", ""),
                        answer("503 Service Unavailable", "", "") };
    enum scope scopes[] = { SCOPE_ENDPOINT, SCOPE_ENDPOINT, SCOPE_MEMBER,
                            SCOPE_THREAD,   SCOPE_THREAD,   SCOPE_ENDPOINT };
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
        expect_incomplete(replies[i], STEP_ANSWER, scopes[i]);
        free(replies[i]);
    }
    expect_incomplete("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"value\":[]}", STEP_CLOSE,
                      SCOPE_ENDPOINT);
    expect_incomplete(NULL, STEP_RESET, SCOPE_ENDPOINT);
}

Test(chat_courier, a_page_too_long_is_asked_for_in_smaller_ones)
{
    enum { BYTES = 5 * 1024 * 1024 };
    char *filler = xcalloc(BYTES + 1, 1);
    memset(filler, 'x', BYTES);
    char *long_item = xasprintf("\"%s\"", filler), *too_long = list_answer(long_item, NULL);
    char *message = listed("1000", stamp), *fitting = list_answer(message, NULL);
    struct bench *bench =
        bench_new(STEPS({ STEP_ANSWER, too_long, 0 }, { STEP_ANSWER, fitting, 0 }));
    look_for(bench, stamp, NULL);
    cr_expect(bench->findings.complete);
    cr_expect_str_eq(bench->found[0].remote_id, "1000");
    cr_expect(strstr(bench->server->requests[1], "maxPageSize=25&"));
    bench_free(bench);
    free(filler);
    free(long_item);
    free(too_long);
    free(message);
    free(fitting);
}

static void inspect(struct bench *bench)
{
    const struct inspection inspection = { bench->endpoint, thread_id, "alerts" };
    bench->courier.inspect(bench->courier.self, &inspection, on_inspected, bench);
    run(bench);
}

Test(chat_courier, asks_a_thread_about_itself)
{
    char *found = answer("200 OK", date, "{\"id\":\"19:x\",\"topic\":\"Lunch\"}");
    char *malformed = answer("400 Bad Request", "", "{\"error\":{\"code\":\"BadRequest\"}}");
    char *gone = answer("404 Not Found", "", "{\"error\":{\"code\":\"NotFound\"}}");
    char *html = answer("200 OK", "", "<html>");
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, found, 0 }, { STEP_ANSWER, malformed, 0 },
                                          { STEP_ANSWER, gone, 0 }, { STEP_ANSWER, html, 0 }));
    inspect(bench);
    cr_expect(bench->inspected.answered);
    cr_expect_str_eq(bench->inspected.properties.topic, "Lunch");
    cr_expect(bench->inspected.answer.dated);
    const char line[] = "GET /chat/threads/19%3AacsV1_x5%40thread.v2?api-version=2025-03-15 ";
    cr_expect(strncmp(bench->server->requests[0], line, strlen(line)) == 0);

    static const struct {
        enum scope scope;
        int http;
    } others[] = { { SCOPE_THREAD, 400 }, { SCOPE_THREAD, 404 }, { SCOPE_ENDPOINT, 200 } };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        inspect(bench);
        cr_expect_not(bench->inspected.answered);
        cr_expect_eq(bench->inspected.answer.scope, others[i].scope);
        cr_expect_eq(bench->inspected.answer.http, others[i].http);
    }
    free(found);
    free(malformed);
    free(gone);
    free(html);
    bench_free(bench);
}

static struct delivery change(struct bench *bench, enum message_kind kind)
{
    char content[] = "new \"text\"", remote_id[] = "1593072104708", name[] = "web";
    struct message message = { .kind = kind, .remote_id = remote_id, .display_name = name };
    if (kind == MESSAGE_UPDATE) {
        message.content = content;
        message.content_bytes = strlen(content);
    }
    struct parcel parcel = { bench->endpoint, thread_id, "alerts", &message };
    bench->courier.send(bench->courier.self, &parcel, on_delivery, bench);
    run(bench);
    return bench->delivery;
}

Test(chat_courier, changes_what_is_there_and_removes_it)
{
    static const char done[] = "HTTP/1.1 204 No Content\r\n\r\n";
    static const char path[] =
        "/chat/threads/19%3AacsV1_x5%40thread.v2/messages/1593072104708?api-version=2025-03-15 ";
    struct bench *bench = bench_new(STEPS({ STEP_ANSWER, done, 0 }, { STEP_ANSWER, done, 0 }));

    cr_expect_eq(change(bench, MESSAGE_UPDATE).outcome, OUTCOME_SENT);
    const char *request = bench->server->requests[0];
    cr_expect(strncmp(request, "PATCH ", 6) == 0 && strncmp(request + 6, path, strlen(path)) == 0,
              "%s", request);
    cr_expect(strstr(request, "\r\nContent-Type: application/merge-patch+json\r\n"));
    cr_expect(strstr(request, "\r\n\r\n{\"content\":\"new \\\"text\\\"\"}"), "%s", request);

    cr_expect_eq(change(bench, MESSAGE_DELETE).outcome, OUTCOME_SENT);
    request = bench->server->requests[1];
    cr_expect(strncmp(request, "DELETE ", 7) == 0 && strncmp(request + 7, path, strlen(path)) == 0,
              "%s", request);
    cr_expect_null(strstr(request, "Content-Type"));
    bench_free(bench);
}
