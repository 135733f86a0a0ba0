#include "chat/connection_string.h"

#include <criterion/criterion.h>
#include <string.h>

#define KEY "c2VzYW1l" /* sesame */

static void expect_good(const char *text, const char *endpoint)
{
    struct connection_string parts;
    struct error err = { 0 };
    cr_assert(connection_string_parse(text, &parts, &err), "%s: %s", text, err.text);
    cr_expect_str_eq(parts.endpoint, endpoint);
    cr_expect_eq(parts.key.length, 6);
    cr_expect_eq(memcmp(parts.key.bytes, "sesame", 6), 0);
    connection_string_clear(&parts);
    cr_expect_eq(parts.key.length, 0, "wiped");
}

static void expect_bad(const char *text, const char *word)
{
    struct connection_string parts;
    struct error err = { 0 };
    cr_assert_not(connection_string_parse(text, &parts, &err), "%s", text);
    cr_expect(strstr(err.text, word), "%s: %s", text, err.text);
    cr_expect_null(strstr(err.text, KEY), "%s", err.text);
    cr_expect_null(parts.endpoint);
    cr_expect_eq(parts.key.length, 0);
}

Test(connection_string, is_what_the_portal_shows)
{
    expect_good("endpoint=https://a.communication.azure.com/;accesskey=" KEY,
                "https://a.communication.azure.com");
    expect_good("EndPoint=http://127.0.0.1:8480;AccessKey=" KEY, "http://127.0.0.1:8480");
    expect_good("accesskey=" KEY ";other=1;endpoint=https://a//;", "https://a");
}

Test(connection_string, names_what_is_missing_and_repeats_nothing)
{
    expect_bad("", "endpoint=");
    expect_bad(KEY, "endpoint=");
    expect_bad("endpoint=https://a", "accesskey=");
    expect_bad("endpoint=https://a;accesskey=", "base64");
    expect_bad("endpoint=https://a;accesskey=" KEY "!", "base64");
    expect_bad("endpoint=" KEY ";accesskey=" KEY, "https://");
}

Test(connection_string, its_key_or_a_key_alone_may_stand_in_a_key_file)
{
    struct access_key key;
    cr_expect(access_key_parse("endpoint=https://a/;accesskey=" KEY, &key, NULL));
    cr_expect_eq(key.length, 6);
    cr_expect(access_key_parse(KEY, &key, NULL));
    cr_expect_eq(key.length, 6);
    cr_expect_not(access_key_parse("endpoint=https://a/;", &key, NULL));
    cr_expect_not(access_key_parse("sesame!!", &key, NULL));
    cr_expect_eq(key.length, 0);
}
