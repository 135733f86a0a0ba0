#include "base/memory.h"
#include "setup/own_settings.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *example(void)
{
    CLEANUP(own_settings_clear) struct own_settings own = { 0 };
    own_settings_set(&own, "sender main", "identity", "8:acs:a_b");
    own_settings_set(&own, "thread ops", "id", "19:x@thread.v2");
    own_settings_set(&own, "sender main", "display_name", "a = b [c]");
    own_settings_set(&own, "thread ops", "nothing", NULL);
    return own_settings_print(&own);
}

Test(own_settings, what_was_written_is_read_again)
{
    CLEANUP(own_settings_clear) struct own_settings own;
    CLEANUP(free_memory) char *text = example();
    cr_assert(own_settings_parse(&own, text, strlen(text)), "%s", text);
    cr_expect_eq(own.count, 2);
    cr_expect_str_eq(own_settings_get(&own, "sender main", "identity"), "8:acs:a_b");
    cr_expect_str_eq(own_settings_get(&own, "sender main", "display_name"), "a = b [c]");
    cr_expect_str_eq(own_settings_get(&own, "thread ops", "id"), "19:x@thread.v2");
    cr_expect_null(own_settings_get(&own, "thread ops", "nothing"));
    cr_expect_null(own_settings_get(&own, "thread no", "id"));
    CLEANUP(free_memory) char *again = own_settings_print(&own);
    cr_expect_str_eq(again, text);
}

Test(own_settings, a_value_can_be_replaced)
{
    CLEANUP(own_settings_clear) struct own_settings own = { 0 };
    own_settings_set(&own, "thread ops", "id", "old");
    own_settings_set(&own, "thread ops", "id", "new");
    cr_expect_eq(own.count, 1);
    cr_expect_str_eq(own_settings_get(&own, "thread ops", "id"), "new");
}

/* Every byte counts, and so does every byte that is missing or more. */
Test(own_settings, what_somebody_changed_is_not_ours)
{
    struct own_settings own;
    CLEANUP(free_memory) char *text = example();
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        text[i] ^= 1;
        cr_expect_not(own_settings_parse(&own, text, length), "byte %zu", i);
        text[i] ^= 1;
        cr_expect_not(own_settings_parse(&own, text, i), "%zu bytes", i);
    }
    CLEANUP(free_memory) char *longer = xasprintf("%s\n", text);
    cr_expect_not(own_settings_parse(&own, longer, length + 1));
    cr_expect_not(own_settings_parse(&own, "[thread ops]\nid = x\n", 20));
}
