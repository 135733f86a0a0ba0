/* Each setting's type: what it takes, and how it refuses. */
#include "config/endpoint.h"
#include "config/setting.h"
#include "tests/unit/config/reading.h"

#include <stdio.h>

static const struct setting *find(enum section_kind kind, const char *name)
{
    const struct setting *setting = setting_find(settings, settings_count, kind, name);
    cr_assert_not_null(setting, "%s", name);
    return setting;
}

/* `expected` NULL: it is taken. */
static void expect_check(enum section_kind kind, const char *name, const char *text,
                         const char *expected)
{
    struct error err = { 0 };
    bool taken = value_check(find(kind, name), text, &err);
    cr_assert_eq(taken, expected == NULL, "%s = %s: %s", name, text, err.text);
    if (expected)
        cr_assert_str_eq(err.text, expected);
}

static int64_t number(enum section_kind kind, const char *name, const char *text)
{
    const struct setting *setting = find(kind, name);
    int64_t value = -1;
    struct error err = { 0 };
    cr_assert(setting->type->parse(setting, text, &value, &err), "%s: %s", text, err.text);
    return value;
}

Test(config_values, sizes)
{
    cr_assert_eq(number(SECTION_RELAY, "min_free", "64 MiB"), 64 << 20);
    cr_assert_eq(number(SECTION_RELAY, "min_free", "64MiB"), 64 << 20);
    cr_assert_eq(number(SECTION_RELAY, "min_free", "0"), 0);
    cr_assert_eq(number(SECTION_RELAY, "min_free", "1 TiB"), 1LL << 40);
    cr_assert_eq(number(SECTION_RELAY, "min_free", "3 KiB"), 3072);
    cr_assert_eq(number(SECTION_RELAY, "min_free", "17 B"), 17);
    cr_assert_eq(number(SECTION_THREAD, "most_bytes", "none"), CONFIG_UNLIMITED);

    static const char no_size[] =
        "not a size such as 4096, 512 KiB, 64 MiB or 2 GiB (allowed: 0 B "
        "to 1 TiB)";
    expect_check(SECTION_RELAY, "min_free", "64 MB", no_size);
    expect_check(SECTION_RELAY, "min_free", "-1", no_size);
    expect_check(SECTION_RELAY, "min_free", "none", no_size);
    expect_check(SECTION_RELAY, "min_free", "MiB", no_size);
    expect_check(SECTION_RELAY, "min_free", "99999999999999999999", no_size);
    expect_check(SECTION_RELAY, "min_free", "2 TiB", "too large (allowed: 0 B to 1 TiB)");
    expect_check(SECTION_RELAY, "min_free", "90000000000000000 TiB",
                 "too large (allowed: 0 B to 1 TiB)");
    expect_check(SECTION_THREAD, "most_bytes", "17",
                 "too small (allowed: 1 KiB to 1 TiB, or none)");
}

Test(config_values, counts)
{
    cr_assert_eq(number(SECTION_THREAD, "content_limit", "1"), 1);
    cr_assert_eq(number(SECTION_THREAD, "content_limit", "40000"), 40000);
    cr_assert_eq(number(SECTION_QUOTA, "waiting", "none"), CONFIG_UNLIMITED);
    expect_check(SECTION_THREAD, "content_limit", "0", "too small (allowed: 1 to 40000)");
    expect_check(SECTION_THREAD, "content_limit", "40001", "too large (allowed: 1 to 40000)");
    expect_check(SECTION_THREAD, "content_limit", "1e3",
                 "not a whole number (allowed: 1 to 40000)");
    expect_check(SECTION_QUOTA, "waiting", "9223372036854775808",
                 "not a whole number (allowed: 0 to 1000000000 messages, or none)");
}

Test(config_values, percentages)
{
    cr_assert_eq(number(SECTION_THREAD, "urgent_share", "10 %"), 10);
    cr_assert_eq(number(SECTION_THREAD, "urgent_share", "10%"), 10);
    cr_assert_eq(number(SECTION_THREAD, "urgent_share", "0"), 0);
    expect_check(SECTION_THREAD, "urgent_share", "91 %", "too large (allowed: 0 % to 90 %)");
    expect_check(SECTION_THREAD, "urgent_share", "ten",
                 "not a percentage such as 10 % (allowed: 0 % to 90 %)");
    expect_check(SECTION_THREAD, "urgent_share", "%",
                 "not a percentage such as 10 % (allowed: 0 % to 90 %)");
}

Test(config_values, durations)
{
    cr_assert_eq(number(SECTION_THREAD, "ttl", "365d"), 365LL * 24 * 60 * 60 * 1000);
    cr_assert_eq(number(SECTION_THREAD, "late_mark", "off"), MSEC_NEVER);
    cr_assert_eq(number(SECTION_THREAD, "settle", "0"), 0);
    expect_check(SECTION_THREAD, "ttl", "366d", "too large (allowed: 1ms to 365d)");
    expect_check(SECTION_THREAD, "ttl", "0", "too small (allowed: 1ms to 365d)");
    expect_check(SECTION_THREAD, "ttl", "soon",
                 "\"soon\" is not a duration such as 90s, 1h30m or 3d (allowed: 1ms to 365d)");
    expect_check(SECTION_THREAD, "ttl", "off",
                 "\"off\" is not a duration such as 90s, 1h30m or 3d (allowed: 1ms to 365d)");
}

Test(config_values, choices)
{
    expect_check(SECTION_THREAD, "on_doubt", "risk_twice", NULL);
    expect_check(SECTION_THREAD, "on_doubt", "lok",
                 "did you mean \"look\"? (allowed: look, hold or risk_twice)");
    expect_check(SECTION_THREAD, "content_unit", "bytes",
                 "no such choice (allowed: utf8 or utf16)");
    expect_check(SECTION_THREAD, "on_doubt", "Look",
                 "did you mean \"look\"? (allowed: look, hold or risk_twice)");
}

Test(config_values, pace)
{
    const struct setting *setting = find(SECTION_THREAD, "pace");
    struct config_pace pace = { 0 };
    cr_assert(setting->type->parse(setting, "10/10s , 30/1m,1/100ms", &pace, NULL));
    cr_assert_eq(pace.count, 3);
    cr_assert_eq(pace.windows[0].count, 10);
    cr_assert_eq(pace.windows[1].window_ms, 60000);
    cr_assert_eq(pace.windows[2].window_ms, 100);
    cr_assert(setting->type->parse(setting, "off", &pace, NULL));
    cr_assert_eq(pace.count, 0);

    expect_check(SECTION_THREAD, "pace", "1/1s,1/1s,1/1s,1/1s", NULL);
    expect_check(SECTION_THREAD, "pace", "1/1s,1/1s,1/1s,1/1s,1/1s", "more than 4 windows");
    expect_check(SECTION_THREAD, "pace", "10", "\"10\" is not sends per time, such as 10/10s");
    expect_check(SECTION_THREAD, "pace", "10/10s,", "\"\" is not sends per time, such as 10/10s");
    expect_check(SECTION_THREAD, "pace", "0/10s",
                 "\"0\" is not a number of sends (allowed: 1 to 100000)");
    expect_check(SECTION_THREAD, "pace", "1/0",
                 "a window of 0 is not possible (allowed: 1ms to "
                 "1d)");
    expect_check(SECTION_THREAD, "pace", "1/2d",
                 "a window of 2d is not possible (allowed: 1ms to "
                 "1d)");
}

Test(config_values, backoff)
{
    const struct setting *setting = find(SECTION_THREAD, "backoff");
    struct config_backoff backoff = { 0 };
    cr_assert(setting->type->parse(setting, "250ms..1h30m", &backoff, NULL));
    cr_assert_eq(backoff.first_ms, 250);
    cr_assert_eq(backoff.longest_ms, 5400000);
    expect_check(SECTION_THREAD, "backoff", "1s..1s", NULL);
    expect_check(SECTION_THREAD, "backoff", "0..1s",
                 "the first wait is too short (allowed: 1ms to 1d)");
    expect_check(SECTION_THREAD, "backoff", "1s..25h",
                 "the longest wait is too long (allowed: 1ms to 1d)");
    expect_check(SECTION_THREAD, "backoff", "2s..1s",
                 "the first wait is longer than the longest (allowed: 1ms to 1d)");
    expect_check(SECTION_THREAD, "backoff", "1s",
                 "not a back-off such as 1s..5min: the first wait, two dots, the longest wait "
                 "(allowed: 1ms to 1d)");
}

Test(config_values, users_and_groups)
{
    const struct setting *setting = find(SECTION_ACCESS, "allow");
    struct config_names names = { 0 };
    cr_assert(setting->type->parse(setting, "root ,@adm,  www-data", &names, NULL));
    cr_assert_eq(names.count, 3);
    cr_assert_str_eq(names.names[0], "root");
    cr_assert_str_eq(names.names[1], "@adm");
    cr_assert_str_eq(names.names[2], "www-data");
    setting->type->clear(&names);

    static const char *const wrong[][2] = {
        { "root adm", "root adm" }, { "root,", "" }, { "@", "@" }, { "a:b", "a:b" }
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char expected[256];
        snprintf(expected, sizeof expected,
                 "\"%s\" is neither a user nor a @group; names are separated by commas",
                 wrong[i][1]);
        expect_check(SECTION_ACCESS, "allow", wrong[i][0], expected);
    }
}

Test(config_values, paths_and_secrets)
{
    expect_check(SECTION_RELAY, "outbox", "/var/lib/x.db", NULL);
    expect_check(SECTION_RELAY, "outbox", "x.db", "not an absolute path: it must begin with \"/\"");
    expect_check(SECTION_RELAY, "outbox", "/var/lib/",
                 "this is a folder's path, a file's is wanted");
    char path[110] = "/";
    memset(path + 1, 'x', 107);
    expect_check(SECTION_RELAY, "socket", path, "longer than 107 bytes");
    path[107] = '\0';
    expect_check(SECTION_RELAY, "socket", path, NULL);

    expect_check(SECTION_SENDER, "token_file", "/etc/key", NULL);
    expect_check(SECTION_SENDER, "token_file", "credential:token", NULL);
    static const char *const no_names[] = { "credential:", "credential:..", "credential:.x",
                                            "credential:a/b" };
    for (size_t i = 0; i < sizeof no_names / sizeof *no_names; i++)
        expect_check(SECTION_SENDER, "token_file", no_names[i],
                     "\"credential:\" must be followed by a credential's plain name");
    expect_check(SECTION_SENDER, "token_file", "key",
                 "neither an absolute path nor credential:NAME; a secret itself never stands in "
                 "this file");
}

Test(config_values, identifiers)
{
    expect_check(SECTION_SENDER, "identity", "8:acs:1b5c_2", NULL);
    expect_check(SECTION_SENDER, "identity", "bob",
                 "not a communication user's id, which begins with \"8:acs:\"");
    expect_check(SECTION_SENDER, "identity", "8:acs:1 2", "no blanks are allowed in it");
    expect_check(SECTION_THREAD, "id", "19: x", "no blanks are allowed in it");
    expect_check(SECTION_SENDER, "api_version", "2024-03-07", NULL);
    expect_check(SECTION_SENDER, "api_version", "2025-04-01-preview", NULL);
    expect_check(SECTION_SENDER, "api_version", "2024-03", "not an API version such as 2025-03-15");
    expect_check(SECTION_SENDER, "api_version", "2024-03-07x",
                 "not an API version such as 2025-03-15");
    expect_check(SECTION_RELAY, "time_zone", "America/Argentina/Buenos_Aires", NULL);
    expect_check(SECTION_RELAY, "time_zone", "Etc/GMT+1", NULL);
    static const char *const no_zones[] = { "../../etc/passwd", "a/../../etc/passwd",
                                            "/etc/localtime", "Europe Berlin" };
    for (size_t i = 0; i < sizeof no_zones / sizeof *no_zones; i++)
        expect_check(SECTION_RELAY, "time_zone", no_zones[i],
                     "not a time zone such as UTC or Europe/Berlin");
}

/* `expected` NULL: refused. */
static void expect_endpoint(const char *text, const char *expected)
{
    struct error err = { 0 };
    char *endpoint = endpoint_normal(text, &err);
    if (expected) {
        cr_assert_not_null(endpoint, "%s: %s", text, err.text);
        cr_assert_str_eq(endpoint, expected);
    } else {
        cr_assert_null(endpoint, "%s became %s", text, endpoint);
        cr_assert(*err.text);
    }
    free(endpoint);
}

Test(config_values, one_place_has_one_spelling)
{
    expect_endpoint("https://contoso.communication.azure.com",
                    "https://contoso.communication.azure.com");
    expect_endpoint("HTTPS://Contoso.Communication.azure.com:443/",
                    "https://contoso.communication.azure.com");
    expect_endpoint("https://contoso:8443", "https://contoso:8443");
    expect_endpoint("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443");
    expect_endpoint("http://127.0.0.1:8080", "http://127.0.0.1:8080");
    expect_endpoint("http://localhost:80", "http://localhost");
    expect_endpoint("http://[::1]:9", "http://[::1]:9");
    expect_endpoint("http://127.255.0.3", "http://127.255.0.3");
}

Test(config_values, an_endpoint_is_scheme_host_and_port)
{
    static const char *const wrong[] = {
        "contoso",
        "ftp://contoso",
        "https://",
        "https:///",
        "https://a/b",
        "https://a//",
        "https://a?b",
        "https://a#b",
        "https://u@a",
        "https://u:p@a",
        "https://a:",
        "https://a:0",
        "https://a:65536",
        "https://a:8x",
        "https://a b",
        "https://[::1",
        "https://[x]",
        "https://[::1]x",
        "https://.a",
        "https://a..b",
        "https://-a",
        "https://a%20",
        "https://b\xc3\xbc",
        "https://[]",
        "http://contoso",
        "http://10.0.0.1",
        "http://128.0.0.1",
        "http://127.1",
        "http://[::2]",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://[::ffff:10.0.0.1]",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_endpoint(wrong[i], NULL);
}

Test(config_values, a_connection_string_is_recognized)
{
    struct error err = { 0 };
    cr_assert_null(endpoint_normal("endpoint=https://a.example/;accesskey=c2Vjcg==", &err));
    cr_assert(strstr(err.text, "this is a connection string"));
    cr_assert_null(strstr(err.text, "c2Vjcg"));
}

static void expect_proxy(const char *text, const char *expected)
{
    struct error err = { 0 };
    char *proxy = endpoint_proxy(text, &err);
    if (expected)
        cr_expect_str_eq(proxy, expected, "%s: %s", text, err.text);
    else
        cr_expect_null(proxy, "%s became %s", text, proxy);
    free(proxy);
}

Test(config_values, a_proxy_has_a_host_and_a_port_and_no_secrets)
{
    expect_proxy("http://proxy.example:3128", "http://proxy.example:3128");
    expect_proxy("HTTP://Proxy:3128/", "http://proxy:3128");
    expect_proxy("http://[2001:DB8::1]:80", "http://[2001:db8::1]:80");
    expect_proxy("http://proxy", NULL);
    expect_proxy("http://user:secret@proxy:3128", NULL);
    expect_proxy("http://proxy:3128/path", NULL);
    expect_proxy("http://proxy:0", NULL);
    expect_proxy("http://", NULL);
    expect_proxy("http:///", NULL);
    expect_proxy("https://proxy:3128", NULL);
    expect_proxy("socks5://proxy:1080", NULL);
    expect_proxy("", NULL);
}
