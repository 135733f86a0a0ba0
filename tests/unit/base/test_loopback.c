#include "base/loopback.h"

#include <criterion/criterion.h>

Test(loopback, is_this_machine)
{
    static const char *const here[] = { "127.0.0.1", "127.255.0.3", "::1", "0:0:0:0:0:0:0:1",
                                        "localhost" };
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++)
        cr_expect(loopback_is(here[i]), "%s", here[i]);
}

Test(loopback, is_nothing_else)
{
    static const char *const elsewhere[] = { "",
                                             "0.0.0.0",
                                             "::",
                                             "128.0.0.1",
                                             "127.0.0.1.example",
                                             "[::1]",
                                             "::ffff:1.2.3.4",
                                             "localhost.example" };
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        cr_expect_not(loopback_is(elsewhere[i]), "%s", elsewhere[i]);
}
