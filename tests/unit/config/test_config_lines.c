/* What a line of a settings file may be; where inih alone would be silent or cut. */
#include "base/text.h"
#include "config/reader.h"
#include "tests/unit/config/reading.h"

#include <stdio.h>

Test(config_lines, comments_blank_lines_and_blanks_mean_nothing)
{
    struct config config;
    read_good(&config, "# one\n; two\n\n   \n  # indented\n[ relay ]  \nonce_window  =\t 2h  \n");
    cr_assert_eq(config.relay.once_window_ms, 2LL * 60 * 60 * 1000);
    config_clear(&config);
}

Test(config_lines, a_text_may_come_from_windows)
{
    struct config config;
    read_good(&config, "\xef\xbb\xbf[relay]\r\nonce_window = 2h\r\n\r\n");
    cr_assert_eq(config.relay.once_window_ms, 2LL * 60 * 60 * 1000);
    config_clear(&config);
}

Test(config_lines, the_last_line_needs_no_newline)
{
    struct config config;
    read_good(&config, "[relay]\nonce_window = 2h");
    cr_assert_eq(config.relay.once_window_ms, 2LL * 60 * 60 * 1000);
    config_clear(&config);
}

Test(config_lines, nothing_is_a_valid_text)
{
    struct config config;
    read_good(&config, "");
    cr_assert_eq(config.thread_count, 0);
    cr_assert_null(config_default_thread(&config));
    config_clear(&config);
}

Test(config_lines, an_indented_line_is_an_error)
{
    expect_problems("[relay]\n time_zone = UTC\n\tonce_window = 1h\n",
                    "f:2: the line begins with a blank; it continues nothing, so it must not\n"
                    "f:3: the line begins with a blank; it continues nothing, so it must not\n");
    expect_problems(" [relay]\n",
                    "f:1: the line begins with a blank; it continues nothing, so it must not\n");
}

Test(config_lines, a_colon_is_no_equals_sign)
{
    static const char said[] =
        "f:2: there is a \":\" behind the name; a setting is \"name = value\"\n";
    expect_problems("[relay]\nonce_window : 1d\n", said);
    expect_problems("[relay]\nonce_window: 1d = x\n", said);
    struct config config;
    read_good(&config, "[relay]\nsocket = /tmp/a:b\n");
    cr_expect_str_eq(config.relay.socket_path, "/tmp/a:b");
    config_clear(&config);
}

Test(config_lines, a_comment_behind_a_value_is_an_error)
{
    static const char said[] =
        "f:2: [relay] time_zone: a comment needs a line of its own, \"#\" "
        "and \";\" behind a value would belong to it\n";
    expect_problems("[relay]\ntime_zone = UTC # here\n", said);
    expect_problems("[relay]\ntime_zone = UTC\t; here\n", said);
    expect_problems("[relay]\ntime_zone = # UTC\n", said);
    expect_problems("[relay] # here\n", "f:1: nothing may follow the \"]\" of a section\n");
}

Test(config_lines, a_hash_inside_a_word_is_no_comment)
{
    struct config config;
    read_good(&config, SENDER "display_name = room#5;b\n");
    cr_assert_str_eq(config.senders[0].display_name, "room#5;b");
    config_clear(&config);
}

Test(config_lines, quotes_are_an_error)
{
    expect_problems("[relay]\ntime_zone = \"UTC\"\n",
                    "f:2: [relay] time_zone: values are written without quotes\n");
}

Test(config_lines, an_empty_value_is_an_error)
{
    expect_problems("[relay]\ntime_zone =\n",
                    "f:2: [relay] time_zone: empty; leave the line out for the default\n");
}

Test(config_lines, what_is_no_setting_is_told_each_time)
{
    expect_problems("[relay]\nhello\n= 3\nworld\n",
                    "f:2: not a line of the form \"name = value\"\n"
                    "f:3: there is no name before the \"=\"\n"
                    "f:4: not a line of the form \"name = value\"\n");
    expect_problems("a = 1\n[relay]\n", "f:1: a setting before the first [section]\n");
}

Test(config_lines, a_long_line_is_never_cut)
{
    char text[READER_LONGEST_LINE + 100];
    for (int length = READER_LONGEST_LINE; length <= READER_LONGEST_LINE + 1; length++) {
        int used = snprintf(text, sizeof text, "[relay]\n");
        memset(text + used, 'x', (size_t)length);
        snprintf(text + used + length, 20, "\ntime_zone = 3\n");
        char *said = problems_of_bytes(text, strlen(text));
        cr_assert(strstr(said, length > READER_LONGEST_LINE
                                   ? "f:2: the line is longer than 8192 bytes\n"
                                   : "f:2: not a line of the form"),
                  "%s", said);
        cr_assert(strstr(said, "f:3: [relay] time_zone") == NULL);
        free(said);
    }
}

Test(config_lines, a_value_of_the_longest_line_arrives_whole)
{
    struct text text = { 0 };
    struct config config;
    size_t count = 1;
    text_add(&text, "[access]\noperators = ");
    for (; text.length < READER_LONGEST_LINE - 10; count++)
        text_add(&text, "someone, ");
    text_add(&text, "last\n");
    read_good(&config, text.bytes);
    cr_assert_eq(config.access.operators.count, count);
    cr_assert_str_eq(config.access.operators.names[count - 1], "last");
    config_clear(&config);
    text_clear(&text);
}

Test(config_lines, bytes_that_are_no_text_are_errors)
{
    static const char text[] =
        "[relay]\ntime_zone = U\0TC\nsocket = /a\x01\noutbox = /\xff\n"
        "# \xff in a comment\ntime\x7f = 1\nsocket = /a\rb\n";
    char *said = problems_of_bytes(text, sizeof text - 1);
    cr_assert_str_eq(said,
                     "f:2: there is a control character (0x00) at byte 14 of the line\n"
                     "f:3: there is a control character (0x01) at byte 12 of the line\n"
                     "f:4: not UTF-8 from byte 11 of the line on\n"
                     "f:6: there is a control character (0x7f) at byte 5 of the line\n"
                     "f:7: there is a control character (0x0d) at byte 12 of the line\n",
                     "%s", said);
    free(said);
}

Test(config_lines, a_header_is_checked_to_its_end)
{
    expect_problems("[relay\n", "f:1: a section's line must end in \"]\"\n");
    expect_problems("[relay] x\n", "f:1: nothing may follow the \"]\" of a section\n");
    expect_problems("[relay x]\n", "f:1: [relay x]: this section takes no name\n");
    expect_problems("[thread]\n", "f:1: [thread]: it must say which: [thread NAME]\n");
    expect_problems("[sender a b]\n",
                    "f:1: [sender a b]: not a name (allowed: 1 to 64 of A-Z a-z "
                    "0-9 . _ -)\n");
    expect_problems("[quota @]\n", "f:1: [quota @]: neither a user nor a @group\n");
    expect_problems("[thred ops]\n", "f:1: [thred]: no such section; did you mean \"thread\"?\n");
    expect_problems("[]\n",
                    "f:1: []: no such section (known: relay, access, defaults, sender "
                    "NAME, thread NAME, quota WHO)\n");
}

Test(config_lines, settings_of_an_unknown_section_are_not_told_as_well)
{
    expect_problems("[thred ops]\nid = 19:x\nnothing = 1\n",
                    "f:1: [thred]: no such section; did you mean \"thread\"?\n");
}

/* inih keeps 49 bytes of a section's name: two threads would become one. */
Test(config_lines, long_names_stay_whole)
{
#define FIFTY_EIGHT "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    struct config config;
    read_good(&config, SENDER "[thread " FIFTY_EIGHT
                              "bbbbb1]\nid = 19:1\n"
                              "[thread " FIFTY_EIGHT "bbbbb2]\nid = 19:2\n");
    cr_assert_eq(config.thread_count, 2);
    cr_assert_str_eq(config.threads[1].name, FIFTY_EIGHT "bbbbb2");
    cr_assert_str_eq(config.threads[1].id, "19:2");
    config_clear(&config);
    expect_problems("[thread " FIFTY_EIGHT "bbbbbbb]\n",
                    "f:1: [thread " FIFTY_EIGHT
                    "bbbbbbb]: not a name (allowed: 1 to 64 of A-Z "
                    "a-z 0-9 . _ -)\n");
}

Test(config_lines, an_unknown_setting_is_told_with_what_may_have_been_meant)
{
    expect_problems(SENDER THREAD "pac = off\nxyzzy = 1\nsocket = /a\noperators = root\n",
                    "f:6: [thread ops] pac: no such setting; did you mean \"pace\"?\n"
                    "f:7: [thread ops] xyzzy: no such setting\n"
                    "f:8: [thread ops] socket: belongs into [relay]\n"
                    "f:9: [thread ops] operators: belongs into [access]\n");
    expect_problems("[relay]\nidentity = 8:acs:x\n",
                    "f:2: [relay] identity: belongs into [sender NAME]\n");
}

Test(config_lines, twice_in_one_file_is_an_error)
{
    expect_problems("[relay]\ntime_zone = UTC\n[access]\n[relay]\ntime_zone = UTC\n",
                    "f:5: [relay] time_zone: set twice in this file, first in line 2\n");
}

Test(config_lines, what_looks_like_a_secret_is_never_repeated)
{
#define KEY "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
    static const char *const lines[] = {
        "token_file = eyJ" KEY ".e30.x\n",
        "endpoint = endpoint=https://a/;accesskey=" KEY "\n",
        KEY "==\n",
        "identity = " KEY "\n",
        "request_timeout = " KEY "\n",
        "backoff = " KEY "\n",
        "api_version = " KEY "\n",
        "accesskey = " KEY "\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[512];
        snprintf(text, sizeof text, "[sender a]\n%s", lines[i]);
        char *said = problems_of_bytes(text, strlen(text));
        cr_assert(strstr(said, "f:2: "), "%s", said);
        cr_assert_null(strstr(said, "c2Vjcm"), "%s", said);
        free(said);
    }
}

/* 10 000 wrong lines: a file that is no settings file at all. */
Test(config_lines, no_more_is_told_than_a_person_reads)
{
    CLEANUP(text_clear) struct text text = { 0 };
    for (int i = 0; i < 10000; i++)
        text_add(&text, "pace\n");
    char *said = problems_of_bytes(text.bytes, text.length);
    size_t lines = 0;
    for (const char *at = said; *at; at++)
        lines += *at == '\n';
    cr_expect_eq(lines, CONFIG_MOST_PROBLEMS + 1);
    cr_expect(strstr(said, "f:100: ") && !strstr(said, "f:101: "), "it should be the first");
    cr_expect(strstr(said, "\nand 9900 more\n"));
    free(said);
}

Test(config_lines, more_warnings_than_are_told_hide_no_error)
{
    struct config config;
    struct config_problems problems = { 0 };
    struct config_text texts[] = { { "f", "[relay]\nsoket = /s\n", 19 } };
    for (int i = 0; i <= CONFIG_MOST_PROBLEMS; i++)
        config_problems_add(&problems, CONFIG_WARNING, "f", 0, "warning %d", i);
    cr_expect_null(config_problems_first_error(&problems));
    cr_expect_not(config_read(texts, 1, &config, &problems));
    cr_expect_eq(problems.count, CONFIG_MOST_PROBLEMS + 1);
    cr_expect_eq(problems.left_out, 1);
    const struct config_problem *error = config_problems_first_error(&problems);
    cr_assert_not_null(error);
    cr_expect(strstr(error->text, "soket"));
    config_problems_clear(&problems);
}

Test(config_lines, a_password_in_a_url_is_never_repeated)
{
#define UNSAID " (the value is not repeated here, as it looks like a secret)\n"
#define PROXY \
    "neither \"environment\" nor a proxy such as http://proxy.example:3128, without user or path"
    expect_problems(SENDER "proxy = http://relay:hunter2@proxy:3128\n",
                    "f:4: [sender alerts] proxy: " PROXY UNSAID);
    expect_problems(SENDER "proxy = relay:hunter2@proxy:3128\n",
                    "f:4: [sender alerts] proxy: " PROXY UNSAID);
    expect_problems(SENDER "proxy = http://relay:hunt/er#2@proxy:3128\n",
                    "f:4: [sender alerts] proxy: " PROXY UNSAID);
    expect_problems(
        "[sender a]\ntoken_file = /key\nendpoint = https://user:hunter2@contoso.example\n",
        "f:3: [sender a] endpoint: only a port may follow the host, as in "
        "https://host:8080" UNSAID);
    expect_problems("[relay]\nmetadata_endpoint = http://user:hunter2@169.254.169.254\n",
                    "f:2: [relay] metadata_endpoint: only a port may follow the host, as in "
                    "http://host:8080" UNSAID);
    expect_problems("[relay]\nalarm_command = curl https://user:hunter2@example/alarm\n",
                    "f:2: [relay] alarm_command: not a program's absolute path: it must begin with "
                    "\"/\"" UNSAID);
}

Test(config_lines, a_url_without_a_password_is_repeated)
{
    expect_problems(SENDER "proxy = https://proxy:3128\n",
                    "f:4: [sender alerts] proxy = https://proxy:3128: " PROXY "\n");
}
