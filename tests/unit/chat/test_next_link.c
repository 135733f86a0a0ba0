#include "chat/next_link.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const char here[] = "https://n.example/chat/threads/19%3Ax%40thread.v2/messages?a=1";

static void expect(const char *link, const char *wanted)
{
    struct error err = { 0 };
    char *url = next_link_resolve(here, link, &err);
    cr_assert(url, "%s: %s", link, err.text);
    cr_expect_str_eq(url, wanted);
    free(url);
}

Test(next_link, absolute_and_relative)
{
    expect("https://n.example/next?x=%2F&y", "https://n.example/next?x=%2F&y");
    expect("HTTPS://N.EXAMPLE:443/next", "https://N.EXAMPLE:443/next");
    expect("/next?skip=5", "https://n.example/next?skip=5");
    expect("?skip=5", "https://n.example/chat/threads/19%3Ax%40thread.v2/messages?skip=5");
}

Test(next_link, our_token_goes_nowhere_else)
{
    static const char *const links[] = { "http://n.example/next",
                                         "https://n.example:444/next",
                                         "https://evil.example/next",
                                         "//evil.example/next",
                                         "https://n.example.evil.example/",
                                         "https://n.example@evil.example/",
                                         "https://user:password@n.example/",
                                         "https://user@n.example/",
                                         "file:///etc/passwd" };
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        struct error err = { 0 };
        char *url = next_link_resolve(here, links[i], &err);
        cr_expect_null(url, "%s became %s", links[i], url ? url : "");
        cr_expect(err.text[0]);
        free(url);
    }
}
