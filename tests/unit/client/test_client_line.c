#include "client/line.h"

#include <criterion/criterion.h>

Test(client_line, a_request)
{
    struct text line CLEANUP(text_clear) = { 0 };
    line_begin(&line, REQUEST_WAIT);
    line_add_string(&line, "for", "se\"nt");
    line_add_integer(&line, "id", 42);
    line_add_duration(&line, "timeout", 90000);
    line_end(&line);
    cr_expect_str_eq(line.bytes,
                     "{\"op\":\"wait\",\"for\":\"se\\\"nt\",\"id\":42,"
                     "\"timeout\":\"1m30s\"}\n");
}

Test(client_line, what_is_not_given_is_left_out)
{
    struct text line CLEANUP(text_clear) = { 0 };
    line_begin(&line, REQUEST_LIST);
    line_add_string(&line, "thread", NULL);
    line_add_integer(&line, "after", 0);
    line_add_duration(&line, "timeout", -1);
    line_add_duration(&line, "timeout", MSEC_NEVER);
    line_end(&line);
    cr_expect_str_eq(line.bytes, "{\"op\":\"list\"}\n");
}

Test(client_line, no_time_at_all_is_a_duration)
{
    struct text line CLEANUP(text_clear) = { 0 };
    line_add_duration(&line, "timeout", 0);
    cr_expect_str_eq(line.bytes, ",\"timeout\":\"0s\"");
}
