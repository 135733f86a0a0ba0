#include "chat/next_link.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const char here[] = "https://n.example/chat/threads/19%3Ax%40thread.v2/messages?a=1";

static void expect_from(const char *page, const char *link, const char *wanted)
{
    struct error err = { 0 };
    char *url = next_link_resolve(page, link, &err);
    cr_assert(url, "%s: %s", link, err.text);
    cr_expect_str_eq(url, wanted);
    free(url);
}

static void expect(const char *link, const char *wanted)
{
    expect_from(here, link, wanted);
}

Test(next_link, absolute_and_relative)
{
    expect("https://n.example/next?x=%2F&y", "https://n.example/next?x=%2F&y");
    expect("HTTPS://N.EXAMPLE:443/next", "https://n.example/next");
    expect("/next?skip=5", "https://n.example/next?skip=5");
    expect("?skip=5", "https://n.example/chat/threads/19%3Ax%40thread.v2/messages?skip=5");
}

Test(next_link, our_token_goes_nowhere_else)
{
    static const char *const links[] = { "http://n.example/next?skip=5",
                                         "https://n.example:444/next?skip=5",
                                         "https://other.example/next?skip=5",
                                         "//other.example/next?skip=5",
                                         "https://n.example.other.example/next?skip=5",
                                         "https://n.example@other.example/next?skip=5",
                                         "https://user:password@n.example/next?skip=5",
                                         "https://user@n.example/next?skip=5#fragment" };
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        expect(links[i], "https://n.example/next?skip=5");
}

Test(next_link, a_gateway_need_not_be_called_what_the_service_calls_itself)
{
    static const char link[] = "https://n.example/a%2Fb?skip=5";
    expect_from("http://127.0.0.1:8080/x?y", link, "http://127.0.0.1:8080/a%2Fb?skip=5");
    expect_from("http://[::1]:8080/x?y", link, "http://[::1]:8080/a%2Fb?skip=5");
    expect_from("https://gateway.example/x", link, "https://gateway.example/a%2Fb?skip=5");
}

Test(next_link, the_server_is_spelled_as_it_was)
{
    expect_from("http://127.1:8080/x?y", "/a?skip=5", "http://127.1:8080/a?skip=5");
    expect_from("http://[0:0::1]:8080/x?y", "?skip=5", "http://[0:0::1]:8080/x?skip=5");
    expect_from("https://n.example/x?y=\xc3\xbc", "/a?skip=5", "https://n.example/a?skip=5");
    expect_from("https://n.example", "/a?skip=5", "https://n.example/a?skip=5");
}

Test(next_link, what_is_no_link)
{
    static const char *const links[] = { "file:///etc/passwd", "ftp://n.example/next",
                                         "gopher://n.example/", "https://", "https://n example/" };
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        struct error err = { 0 };
        char *url = next_link_resolve(here, links[i], &err);
        cr_expect_null(url, "%s became %s", links[i], url ? url : "");
        cr_expect(err.text[0]);
        free(url);
    }
}
