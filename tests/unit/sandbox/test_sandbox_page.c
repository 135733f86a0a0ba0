#include "sandbox/page.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const char path[] = "/chat/threads/19%3Aops@thread.v2/messages";

static struct service service;
static struct evkeyvalq headers;

static void set_up(void)
{
    service_init(&service);
    TAILQ_INIT(&headers);
    evhttp_add_header(&headers, "Host", "sandbox:1");
}

static void tear_down(void)
{
    service_clear(&service);
    evhttp_clear_headers(&headers);
}

TestSuite(page, .init = set_up, .fini = tear_down);

static struct call *list(const char *query)
{
    char target[512];
    snprintf(target, sizeof target, "%s?api-version=2025-03-15%s", path, query);
    struct call *call = call_new(&service, EVHTTP_REQ_GET, target, &headers, NULL, 0);
    cr_assert(call, "%s", target);
    return call;
}

static bool is_read(const char *query, struct page *page)
{
    struct answer answer;
    answer_init(&answer);
    struct call *call = list(query);
    bool good = page_read(call, page, &answer);
    cr_expect_eq(good, answer.status == 0);
    answer_clear(&answer);
    call_free(call);
    return good;
}

Test(page, has_the_defaults_of_the_service)
{
    struct page page;
    cr_assert(is_read("", &page));
    cr_expect_eq(page.size, PAGE_LARGEST);
    cr_expect_eq(page.before, INT64_MAX);
    cr_expect_eq(page.start_at, 0);
}

Test(page, reads_what_is_asked)
{
    struct page page;
    cr_assert(is_read("&maxPageSize=5&skip=10&startTime=1970-01-01T00%3A00%3A01.5Z", &page));
    cr_expect_eq(page.size, 5);
    cr_expect_eq(page.skip, 10);
    cr_expect_eq(page.start_at, 1500);
    cr_assert(is_read("&maxPageSize=201", &page));
    cr_expect_eq(page.size, PAGE_LARGEST);
}

Test(page, refuses_nonsense)
{
    static const char *const nonsense[] = {
        "&maxPageSize=0",
        "&maxPageSize=-1",
        "&maxPageSize=x",
        "&maxPageSize=",
        "&maxPageSize=99999999999999999999",
        "&skip=-1",
        "&startTime=now",
        "&syncState=x",
    };
    struct page page;
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++)
        cr_expect_not(is_read(nonsense[i], &page), "%s", nonsense[i]);
}

Test(page, link_leads_on_with_the_same_wishes)
{
    struct call *call = list("&maxPageSize=5&startTime=2026-11-21T23%3A00%3A00%2B01%3A00");
    const struct page next = { .size = 5, .before = 1795300000000 };
    char *link = page_link(call, &next);
    cr_expect_str_eq(link,
                     "http://sandbox:1/chat/threads/19%3Aops@thread.v2/messages"
                     "?syncState=1795300000000"
                     "&startTime=2026-11-21T23%3A00%3A00%2B01%3A00"
                     "&maxPageSize=5&api-version=2025-03-15");

    struct call *following =
        call_new(&service, EVHTTP_REQ_GET, link + strlen("http://sandbox:1"), &headers, NULL, 0);
    struct answer answer;
    struct page page;
    answer_init(&answer);
    cr_assert(page_read(following, &page, &answer));
    cr_expect_eq(page.before, next.before);
    cr_expect_eq(page.size, 5);
    cr_expect_eq(page.start_at, 1795298400000);
    free(link);
    call_free(following);
    call_free(call);
}
