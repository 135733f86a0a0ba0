/* From what files say to what is in force: defaults, order, senders, what fits together. */
#include "tests/unit/config/reading.h"

static const msec_t minute = 60000, hour = 3600000;

Test(config_resolve, the_smallest_file_has_all_defaults)
{
    struct config config;
    read_good(&config, SENDER THREAD);

    cr_assert_str_eq(config.relay.socket_path, "/run/chatrelay/socket");
    cr_assert_str_eq(config.relay.outbox_path, "/var/lib/chatrelay/outbox.db");
    cr_assert_str_eq(config.relay.default_thread, "ops");
    cr_assert_eq(config.relay.min_free_bytes, 64 << 20);
    cr_assert_eq(config.relay.once_window_ms, 24 * hour);
    cr_assert_str_eq(config.relay.time_zone, "UTC");
    cr_assert_eq(config.access.allow.count, 2);
    cr_assert_eq(config.access.operators.count, 1);

    cr_assert_eq(config.sender_count, 1);
    const struct config_sender *sender = &config.senders[0];
    cr_assert_str_eq(sender->name, "alerts");
    cr_assert_str_eq(sender->endpoint, "https://contoso.example");
    cr_assert(!sender->is_loopback);
    cr_assert_null(sender->identity);
    cr_assert_str_eq(sender->token_file, "/key");
    cr_assert(*sender->display_name);
    cr_assert_eq(sender->connect_timeout_ms, 10000);
    cr_assert_eq(sender->request_timeout_ms, 30000);
    cr_assert_eq(sender->backoff.first_ms, 1000);
    cr_assert_eq(sender->backoff.longest_ms, 5 * minute);
    cr_assert_str_eq(sender->api_version, "2025-03-15");
    cr_assert_null(sender->ca_file);

    cr_assert_eq(config.thread_count, 1);
    const struct config_thread *thread = &config.threads[0];
    cr_assert_str_eq(thread->name, "ops");
    cr_assert_str_eq(thread->id, "19:ops@thread.v2");
    cr_assert_eq(thread->sender, sender);
    cr_assert_str_eq(thread->sender_name, "alerts");
    cr_assert_eq(thread->allow.count, 2);
    cr_assert_str_eq(thread->allow.names[1], "@chatrelay");
    cr_assert_eq(thread->pace.count, 2);
    cr_assert_eq(thread->pace.windows[0].count, 10);
    cr_assert_eq(thread->pace.windows[1].window_ms, minute);
    cr_assert_eq(thread->ttl_ms, 72 * hour);
    cr_assert_eq(thread->backoff.first_ms, minute);
    cr_assert_eq(thread->backoff.longest_ms, hour);
    cr_assert_eq(thread->settle_ms, 10000);
    cr_assert_eq(thread->on_doubt, CONFIG_ON_DOUBT_LOOK);
    cr_assert_eq(thread->content_limit, 28672);
    cr_assert_eq(thread->content_unit, CONFIG_CONTENT_UNIT_UTF8);
    cr_assert_eq(thread->urgent_share_percent, 10);
    cr_assert_eq(thread->most_messages, CONFIG_UNLIMITED);
    cr_assert_eq(thread->most_bytes, CONFIG_UNLIMITED);
    cr_assert_eq(thread->digest, CONFIG_DIGEST_BACKLOG);
    cr_assert_eq(thread->digest_after_ms, minute);
    cr_assert_eq(thread->digest_messages, 1000);
    cr_assert_eq(thread->late_mark_ms, 5 * minute);
    cr_assert_eq(thread->report_after_ms, 5 * minute);
    cr_assert_null(thread->was);
    cr_assert_eq(config_default_thread(&config), thread);
    config_clear(&config);
    cr_assert_null(config.threads);
}

Test(config_resolve, every_setting_reaches_its_field)
{
    struct config config;
    read_good(&config,
              "[relay]\nsocket = /s\noutbox = /o\ndefault_thread = b\nmin_free = 1 MiB\n"
              "once_window = 1h\ntime_zone = Europe/Berlin\n"
              "[access]\nallow = alice\noperators = bob, @adm\n"
              "[sender one]\nendpoint = http://127.0.0.1:8080\nidentity = 8:acs:1\n"
              "token_file = credential:t\ndisplay_name = The relay\nconnect_timeout = 1s\n"
              "request_timeout = 2s\nbackoff = 3ms..4ms\napi_version = 2024-03-07\n"
              "ca_file = /ca.pem\n"
              "[thread a]\nid = 19:a\n"
              "[thread b]\nid = 19:b\nsender = one\nallow = carol\npace = off\nttl = 5s\n"
              "backoff = 6ms..7ms\nsettle = 8ms\non_doubt = hold\ncontent_limit = 9\n"
              "content_unit = utf16\nurgent_share = 11%\nmost_messages = 12\n"
              "most_bytes = 13 KiB\ndigest = always\ndigest_after = 15ms\n"
              "digest_messages = 16\nlate_mark = off\nwas = c\n"
              "[quota @staff]\nwaiting = 14\n[quota dave]\n");

    cr_assert_str_eq(config.relay.socket_path, "/s");
    cr_assert_str_eq(config.relay.outbox_path, "/o");
    cr_assert_eq(config_default_thread(&config), &config.threads[1]);
    cr_assert_eq(config.relay.min_free_bytes, 1 << 20);
    cr_assert_eq(config.relay.once_window_ms, hour);
    cr_assert_str_eq(config.relay.time_zone, "Europe/Berlin");
    cr_assert_str_eq(config.access.allow.names[0], "alice");
    cr_assert_str_eq(config.access.operators.names[1], "@adm");

    const struct config_sender *sender = config_sender_by_name(&config, "one");
    cr_assert_str_eq(sender->endpoint, "http://127.0.0.1:8080");
    cr_assert(sender->is_loopback);
    cr_assert_str_eq(sender->identity, "8:acs:1");
    cr_assert_str_eq(sender->token_file, "credential:t");
    cr_assert_str_eq(sender->display_name, "The relay");
    cr_assert_eq(sender->connect_timeout_ms, 1000);
    cr_assert_eq(sender->request_timeout_ms, 2000);
    cr_assert_eq(sender->backoff.first_ms, 3);
    cr_assert_eq(sender->backoff.longest_ms, 4);
    cr_assert_str_eq(sender->api_version, "2024-03-07");
    cr_assert_str_eq(sender->ca_file, "/ca.pem");

    const struct config_thread *thread = config_thread_by_name(&config, "b");
    cr_assert_eq(thread->sender, sender);
    cr_assert_str_eq(thread->allow.names[0], "carol");
    cr_assert_eq(thread->pace.count, 0);
    cr_assert_eq(thread->ttl_ms, 5000);
    cr_assert_eq(thread->backoff.first_ms, 6);
    cr_assert_eq(thread->backoff.longest_ms, 7);
    cr_assert_eq(thread->settle_ms, 8);
    cr_assert_eq(thread->on_doubt, CONFIG_ON_DOUBT_HOLD);
    cr_assert_eq(thread->content_limit, 9);
    cr_assert_eq(thread->content_unit, CONFIG_CONTENT_UNIT_UTF16);
    cr_assert_eq(thread->urgent_share_percent, 11);
    cr_assert_eq(thread->most_messages, 12);
    cr_assert_eq(thread->most_bytes, 13312);
    cr_assert_eq(thread->digest, CONFIG_DIGEST_ALWAYS);
    cr_assert_eq(thread->digest_after_ms, 15);
    cr_assert_eq(thread->digest_messages, 16);
    cr_assert_eq(thread->late_mark_ms, MSEC_NEVER);
    cr_assert_str_eq(thread->was, "c");
    cr_assert_str_eq(config.threads[0].allow.names[0], "alice");

    cr_assert_eq(config.quota_count, 2);
    cr_assert_str_eq(config.quotas[0].who, "@staff");
    cr_assert_eq(config.quotas[0].waiting, 14);
    cr_assert_eq(config.quotas[1].waiting, CONFIG_UNLIMITED);
    cr_assert_null(config_thread_by_name(&config, "c"));
    cr_assert_null(config_sender_by_name(&config, "a"));
    config_clear(&config);
}

Test(config_resolve, defaults_lie_under_every_thread_wherever_they_stand)
{
    struct config config;
    read_good(&config, SENDER THREAD
              "ttl = 1h\n[defaults]\nttl = 2h\nsettle = 3s\n"
              "[thread db]\nid = 19:db\n");
    cr_assert_eq(config.threads[0].ttl_ms, hour);
    cr_assert_eq(config.threads[0].settle_ms, 3000);
    cr_assert_eq(config.threads[1].ttl_ms, 2 * hour);
    cr_assert_null(config_default_thread(&config), "of two threads none is the default");
    config_clear(&config);
}

Test(config_resolve, a_section_may_appear_again)
{
    struct config config;
    read_good(&config, SENDER THREAD "[relay]\n[thread ops]\nttl = 1h\n");
    cr_assert_eq(config.thread_count, 1);
    cr_assert_eq(config.threads[0].ttl_ms, hour);
    config_clear(&config);
}

Test(config_resolve, later_files_win)
{
    static const char first[] = SENDER THREAD "ttl = 1h\nsettle = 1s\n[defaults]\npace = 1/1s\n";
    static const char second[] = "[thread ops]\nttl = 2h\n[defaults]\npace = 2/1s\n";
    struct config_text texts[] = { { "1", first, sizeof first - 1 },
                                   { "2", second, sizeof second - 1 } };
    struct config_problems problems = { 0 };
    struct config config;
    cr_assert(config_read(texts, 2, &config, &problems));
    cr_assert_eq(problems.count, 0);
    cr_assert_eq(config.threads[0].ttl_ms, 2 * hour);
    cr_assert_eq(config.threads[0].settle_ms, 1000);
    cr_assert_eq(config.threads[0].pace.windows[0].count, 2);
    config_clear(&config);
}

Test(config_resolve, a_wrong_value_is_told_though_a_later_file_overrides_it)
{
    static const char first[] = "[relay]\nonce_window = x\n", second[] =
                                                                  "[relay]\nonce_window = "
                                                                  "1h\n";
    struct config_text texts[] = { { "1", first, sizeof first - 1 },
                                   { "2", second, sizeof second - 1 } };
    struct config_problems problems = { 0 };
    struct config config;
    cr_assert(!config_read(texts, 2, &config, &problems));
    cr_assert_eq(problems.errors, 1);
    cr_assert_str_eq(problems.items[0].file, "1");
    cr_assert_eq(problems.items[0].line, 2);
    cr_assert_null(config.document, "a config that could not be read is zeroed");
    config_problems_clear(&problems);
}

Test(config_resolve, problems_come_in_the_order_of_files_and_lines)
{
    static const char first[] = "[thread a]\n[relay]\nsocket = x\n", second[] = "[thread b]\n";
    struct config_text texts[] = { { "z", first, sizeof first - 1 },
                                   { "a", second, sizeof second - 1 } };
    struct config_problems problems = { 0 };
    struct config config;
    cr_assert(!config_read(texts, 2, &config, &problems));
    char *said = say_problems(&problems);
    cr_assert_str_eq(said,
                     "z:1: [thread a] id is missing. The chat thread's id as the service knows "
                     "it, such as 19:...@thread.v2.\n"
                     "z:1: [thread a] sender: there is no [sender NAME] to speak here\n"
                     "z:3: [relay] socket = x: not an absolute path: it must begin with \"/\"\n"
                     "a:1: [thread b] id is missing. The chat thread's id as the service knows "
                     "it, such as 19:...@thread.v2.\n"
                     "a:1: [thread b] sender: there is no [sender NAME] to speak here\n",
                     "%s", said);
    free(said);
    config_problems_clear(&problems);
}

Test(config_resolve, what_a_sender_must_have)
{
    expect_problems(
        "[sender a]\n",
        "f:1: [sender a] connection_string_file: missing, as are access_key_file, token_file, "
        "token_command and managed_identity: one of them must say where the sender's access token "
        "comes from\n"
        "f:1: [sender a] endpoint: missing: where the chat service is, such as "
        "https://contoso.communication.azure.com\n");
    expect_problems(SENDER "access_key_file = /k\nidentity = 8:acs:a\n",
                    "f:3: [sender alerts] token_file = /key: there is access_key_file already: a "
                    "sender gets its token in one way\n");
    expect_problems("[sender a]\nconnection_string_file = /k\nendpoint = https://a\n",
                    "f:1: [sender a] identity: missing: tokens are minted for a communication "
                    "user, \"8:acs:...\"\n"
                    "f:3: [sender a] endpoint = https://a: it stands in the connection string "
                    "already, so leave this line out\n");
    expect_problems("[sender a]\nendpoint = https://a\ntoken_command = echo x\n",
                    "f:3: [sender a] token_command = echo x: not a program's absolute path: it "
                    "must begin with \"/\"\n");
}

Test(config_resolve, the_ways_to_a_token)
{
    struct config config;
    read_good(&config,
              "[sender one]\nconnection_string_file = /k\nidentity = 8:acs:a\n"
              "[sender two]\nendpoint = https://a\naccess_key_file = credential:k\n"
              "identity = 8:acs:a\ntoken_lifetime = 1h\n"
              "[sender three]\nendpoint = https://a\ntoken_command = /bin/get a b\n");
    cr_expect_str_eq(config.senders[0].connection_string_file, "/k");
    cr_expect_eq(config.senders[0].token_lifetime_ms, 86400000);
    cr_expect_str_eq(config.senders[1].access_key_file, "credential:k");
    cr_expect_eq(config.senders[1].token_lifetime_ms, 3600000);
    cr_expect_str_eq(config.senders[2].token_command, "/bin/get a b");
    config_clear(&config);
}

Test(config_resolve, a_setting_that_is_there_but_wrong_is_not_missing_as_well)
{
    expect_problems(SENDER "[thread ops]\nid = 1 2\n",
                    "f:5: [thread ops] id = 1 2: no blanks are allowed in it\n");
    expect_problems(SENDER "[sender two]\nendpoint = https://a\ntoken_file = /k\n" THREAD
                           "sender = a/b\n",
                    "f:9: [thread ops] sender = a/b: not a name (allowed: 1 to 64 of A-Z a-z 0-9 "
                    ". _ -)\n");
}

Test(config_resolve, a_thread_s_sender_exists)
{
    expect_problems(SENDER THREAD "sender = alert\n",
                    "f:6: [thread ops] sender = alert: there is no [sender alert]; did you mean "
                    "\"alerts\"?\n");
    expect_problems(SENDER THREAD "sender = someone\n",
                    "f:6: [thread ops] sender = someone: there is no [sender someone]\n");
    expect_problems(SENDER "[sender two]\nendpoint = https://a\ntoken_file = /k\n" THREAD,
                    "f:7: [thread ops] sender: must be said, as there are 2 senders\n");
}

Test(config_resolve, what_is_wrong_in_defaults_is_told_once)
{
    expect_problems(SENDER THREAD "[thread db]\nid = 19:db\n[defaults]\nsender = x\n",
                    "f:9: [defaults] sender = x: there is no [sender x]\n");
    expect_problems("[defaults]\nid = 19:x\nwas = x\n",
                    "f:2: [defaults] id: means one thread, so it belongs into [thread NAME]\n"
                    "f:3: [defaults] was: means one thread, so it belongs into [thread NAME]\n");
}

Test(config_resolve, no_pace_is_for_this_machine_only)
{
    expect_problems(SENDER THREAD "pace = off\n",
                    "f:6: [thread ops] pace = off: allowed only towards an endpoint on this "
                    "machine, and [sender alerts] speaks to another\n");
    struct config config;
    read_good(&config, "[sender a]\nendpoint = https://localhost:1\ntoken_file = /k\n" THREAD
                       "pace = off\n");
    config_clear(&config);
}

Test(config_resolve, the_default_thread_exists)
{
    expect_problems("[relay]\ndefault_thread = opps\n" SENDER THREAD,
                    "f:2: [relay] default_thread = opps: there is no [thread opps]; did you mean "
                    "\"ops\"?\n");
}

Test(config_resolve, a_former_name_is_nobody_else_s)
{
    expect_problems(SENDER THREAD "was = db\n[thread db]\nid = 19:db\n",
                    "f:6: [thread ops] was = db: there still is a [thread db]\n");
    expect_problems(SENDER THREAD "was = a\n[thread db]\nid = 19:db\nwas = a\n",
                    "f:9: [thread db] was = a: [thread ops] says so too\n");
}

Test(config_resolve, two_names_of_one_remote_thread_at_different_paces_are_warned_of)
{
    expect_problems(SENDER THREAD "pace = 5/10s\n[thread again]\nid = 19:ops@thread.v2\n",
                    "f:7: warning: [thread again] pace: [thread ops] leads to the same remote "
                    "thread at another pace: the strictest of them holds for all\n");
}

Test(config_resolve, two_names_of_one_remote_thread_are_allowed)
{
    struct config config;
    read_good(&config, SENDER THREAD "[thread again]\nid = 19:ops@thread.v2\n");
    cr_assert_eq(config.thread_count, 2);
    config_clear(&config);
}
