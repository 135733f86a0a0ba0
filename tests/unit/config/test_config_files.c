/* The settings as files: which are read, which are refused, and what they name outside. */
#include "tests/unit/config/reading.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
    char path[64];
    char main[96];
};

static struct folder folder_new(void)
{
    struct folder folder = { .path = "/tmp/chatrelay-config-XXXXXX" };
    cr_assert_not_null(mkdtemp(folder.path));
    snprintf(folder.main, sizeof folder.main, "%s/chatrelay.conf", folder.path);
    return folder;
}

static char *path_of(const struct folder *folder, const char *name)
{
    return xasprintf("%s/%s", folder->path, name);
}

static void write_file(const struct folder *folder, const char *name, mode_t mode, const char *text)
{
    CLEANUP(free_memory) char *path = path_of(folder, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
    cr_assert_eq(chmod(path, mode), 0);
}

static void make_folder(const struct folder *folder, const char *name, mode_t mode)
{
    CLEANUP(free_memory) char *path = path_of(folder, name);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert_eq(chmod(path, mode), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status, (void)kind, (void)where;
    return remove(path);
}

static void remove_all(const char *path)
{
    /* A test has one thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    cr_assert_eq(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* What loading says, with "~" for the folder. To be freed. */
static char *load(const struct folder *folder, struct config *config)
{
    struct config_problems problems = { 0 };
    bool loaded = config_load(folder->main, config, &problems);
    cr_assert_eq(loaded, problems.errors == 0);
    char *said = say_problems(&problems);
    config_problems_clear(&problems);

    size_t length = strlen(folder->path);
    for (char *at = said; (at = strstr(at, folder->path));) {
        *at = '~';
        memmove(at + 1, at + length, strlen(at + length) + 1);
    }
    return said;
}

static void expect_load(const struct folder *folder, const char *expected)
{
    struct config config;
    char *said = load(folder, &config);
    cr_assert_str_eq(said, expected, "expected\n%s\nis\n%s", expected, said);
    free(said);
    config_clear(&config);
}

Test(config_files, a_file_that_is_not_there_is_an_error)
{
    struct folder folder = folder_new();
    expect_load(&folder, "~/chatrelay.conf: cannot open: No such file or directory\n");
    remove_all(folder.path);
}

Test(config_files, conf_d_is_read_in_the_order_of_bytes)
{
    struct folder folder = folder_new();
    struct config config;
    write_file(&folder, "chatrelay.conf", 0644, "[relay]\ntime_zone = UTC\nonce_window = 1s\n");
    make_folder(&folder, "conf.d", 0755);
    write_file(&folder, "conf.d/B.conf", 0644, "[relay]\nonce_window = 2s\nmin_free = 2\n");
    write_file(&folder, "conf.d/a.conf", 0644, "[relay]\nmin_free = 3\n");
    write_file(&folder, "conf.d/z.conf.bak", 0644, "[relay]\nmin_free = 4\n");
    write_file(&folder, "conf.d/.z.conf", 0644, "[relay]\noutbox = /5\n");
    write_file(&folder, "conf.d/.conf", 0644, "[relay]\noutbox = /6\n");
    char *said = load(&folder, &config);
    cr_assert_str_eq(said, "");
    cr_assert_eq(config.relay.once_window_ms, 2000);
    cr_assert_str_eq(config.relay.outbox_path, "/var/lib/chatrelay/outbox.db");
    cr_assert_eq(config.relay.min_free_bytes, 3, "an \"a\" comes after a \"B\"");
    free(said);
    config_clear(&config);
    remove_all(folder.path);
}

/* What loading says with conf.d/m.conf holding `text`, after it gave min_free that many bytes. */
static void expect_load_with(const struct folder *folder, const char *text, int64_t min_free_bytes)
{
    struct config config;
    struct config_problems problems = { 0 };
    CLEANUP(free_memory) char *path = path_of(folder, "conf.d/m.conf");
    const struct config_text changed = { path, text, strlen(text) };
    cr_assert(config_load_with(folder->main, &changed, &config, &problems));
    cr_assert_eq(config.relay.min_free_bytes, min_free_bytes);
    config_problems_clear(&problems);
    config_clear(&config);
}

Test(config_files, a_file_of_conf_d_can_be_tried_before_it_is_there)
{
    struct folder folder = folder_new();
    write_file(&folder, "chatrelay.conf", 0644, "[relay]\nmin_free = 1\n");
    expect_load_with(&folder, "[relay]\nmin_free = 2\n", 2);
    make_folder(&folder, "conf.d", 0755);
    expect_load_with(&folder, "[relay]\nmin_free = 2\n", 2);
    write_file(&folder, "conf.d/a.conf", 0644, "[relay]\nmin_free = 3\n");
    expect_load_with(&folder, "[relay]\nmin_free = 2\n", 2);
    write_file(&folder, "conf.d/m.conf", 0644, "[relay]\nmin_free = 4\n");
    expect_load_with(&folder, "[relay]\nmin_free = 2\n", 2);
    expect_load_with(&folder, "", 3);
    write_file(&folder, "conf.d/z.conf", 0644, "[relay]\nmin_free = 5\n");
    expect_load_with(&folder, "[relay]\nmin_free = 2\n", 5);
    remove_all(folder.path);
}

/* Where a sender speaks to, only its connection string knows. */
Test(config_files, what_is_tried_is_checked_with_the_files_it_names)
{
    struct folder folder = folder_new();
    struct config config;
    struct config_problems problems = { 0 };
    CLEANUP(free_memory) char *path = path_of(&folder, "conf.d/m.conf");
    CLEANUP(free_memory)
    char *text = xasprintf(
        "[sender a]\nconnection_string_file = %s/key\nidentity = 8:acs:a\n" THREAD, folder.path);
    const struct config_text changed = { path, text, strlen(text) };
    write_file(&folder, "chatrelay.conf", 0644, "[defaults]\npace = off\n");
    write_file(&folder, "key", 0600, "endpoint=https://contoso.example/;accesskey=a2V5\n");
    cr_assert(!config_load_with(folder.main, &changed, &config, &problems));
    char *said = say_problems(&problems);
    cr_assert(strstr(said, "pace = off: allowed only towards an endpoint on this machine"), "%s",
              said);
    free(said);
    config_problems_clear(&problems);
    remove_all(folder.path);
}

Test(config_files, conf_d_is_found_beside_a_relative_path)
{
    struct folder folder = folder_new();
    struct config config;
    struct config_problems problems = { 0 };
    write_file(&folder, "chatrelay.conf", 0644, "");
    make_folder(&folder, "conf.d", 0755);
    write_file(&folder, "conf.d/a.conf", 0644, "[relay]\nmin_free = 3\n");
    cr_assert_eq(chdir(folder.path), 0);
    cr_assert(config_load("chatrelay.conf", &config, &problems));
    cr_assert_eq(config.relay.min_free_bytes, 3);
    config_clear(&config);
    remove_all(folder.path);
}

Test(config_files, problems_of_all_files_are_told_at_once)
{
    struct folder folder = folder_new();
    write_file(&folder, "chatrelay.conf", 0644, "[relay]\nx = 1\n");
    make_folder(&folder, "conf.d", 0755);
    write_file(&folder, "conf.d/1.conf", 0644, "[thread a]\nid = 19:a\n");
    write_file(&folder, "conf.d/2.conf", 0644, "y\n");
    expect_load(&folder,
                "~/chatrelay.conf:2: [relay] x: no such setting\n"
                "~/conf.d/1.conf:1: [thread a] sender: there is no [sender NAME] to speak "
                "here\n"
                "~/conf.d/2.conf:1: not a line of the form \"name = value\"\n");
    remove_all(folder.path);
}

Test(config_files, what_everybody_may_write_is_refused)
{
    struct folder folder = folder_new();
    write_file(&folder, "chatrelay.conf", 0666, "");
    make_folder(&folder, "conf.d", 0757);
    write_file(&folder, "conf.d/a.conf", 0646, "");
    expect_load(&folder,
                "~/chatrelay.conf: everybody may write to it (mode 0666): chmod o-w\n"
                "~/conf.d: everybody may write to this folder (mode 0757): chmod o-w\n"
                "~/conf.d/a.conf: everybody may write to it (mode 0646): chmod o-w\n");
    remove_all(folder.path);
}

Test(config_files, only_regular_files_are_read_and_no_pipe_is_waited_for)
{
    struct folder folder = folder_new();
    cr_assert_eq(mkfifo(folder.main, 0600), 0);
    expect_load(&folder, "~/chatrelay.conf: not a regular file\n");
    cr_assert_eq(unlink(folder.main), 0);
    cr_assert_eq(mkdir(folder.main, 0700), 0);
    expect_load(&folder, "~/chatrelay.conf: not a regular file\n");
    remove_all(folder.path);
}

/* A file with one sender whose token is the file "token". */
static void write_sender(const struct folder *folder)
{
    CLEANUP(free_memory)
    char *text =
        xasprintf("[sender a]\nendpoint = https://a\ntoken_file = %s/token\n", folder->path);
    write_file(folder, "chatrelay.conf", 0644, text);
}

Test(config_files, a_secret_that_others_can_use_is_refused)
{
    static const mode_t wrong[] = { 0644, 0604, 0602, 0601 }, right[] = { 0600, 0640, 0440, 0660 };
    struct folder folder = folder_new();
    write_sender(&folder);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char expected[256];
        write_file(&folder, "token", wrong[i], "eyJ");
        snprintf(expected, sizeof expected,
                 "~/chatrelay.conf:3: [sender a] token_file = ~/token: others may use this file "
                 "(mode %04o), so it is no secret: chmod o-rwx\n",
                 wrong[i]);
        expect_load(&folder, expected);
    }
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        write_file(&folder, "token", right[i], "eyJ");
        expect_load(&folder, "");
    }
    remove_all(folder.path);
}

Test(config_files, a_secret_that_is_not_there_yet_is_a_warning)
{
    struct folder folder = folder_new();
    write_sender(&folder);
    expect_load(&folder,
                "~/chatrelay.conf:3: warning: [sender a] token_file = ~/token: there is "
                "no such file yet\n");
    make_folder(&folder, "token", 0700);
    expect_load(&folder,
                "~/chatrelay.conf:3: [sender a] token_file = ~/token: not a regular "
                "file\n");
    remove_all(folder.path);
}

Test(config_files, a_credential_is_looked_for_where_systemd_puts_it)
{
    struct folder folder = folder_new();
    struct error err = { 0 };
    write_file(&folder, "chatrelay.conf", 0644,
               "[sender a]\nendpoint = https://a\ntoken_file = credential:token\n");
    /* NOLINTNEXTLINE(concurrency-mt-unsafe) */
    unsetenv("CREDENTIALS_DIRECTORY");
    expect_load(&folder,
                "~/chatrelay.conf:3: warning: [sender a] token_file = credential:token: "
                "$CREDENTIALS_DIRECTORY is not set: systemd hands "
                "credentials to a service that has LoadCredential=\n");
    cr_assert_null(config_secret_path("credential:token", &err));

    /* NOLINTNEXTLINE(concurrency-mt-unsafe) */
    setenv("CREDENTIALS_DIRECTORY", folder.path, 1);
    write_file(&folder, "token", 0644, "");
    expect_load(&folder,
                "~/chatrelay.conf:3: [sender a] token_file = credential:token: others may "
                "use this file (mode 0644), so it is no secret: chmod o-rwx\n");
    char *expected = path_of(&folder, "token");
    char *path = config_secret_path("credential:token", &err);
    cr_assert_str_eq(path, expected);
    free(path);
    free(expected);
    path = config_secret_path("/etc/key", &err);
    cr_assert_str_eq(path, "/etc/key");
    free(path);
    remove_all(folder.path);
}

Test(config_files, whom_this_machine_does_not_know_is_a_warning)
{
    struct folder folder = folder_new();
    write_file(&folder, "chatrelay.conf", 0644,
               "[access]\nallow = root, no-such-user,@root\noperators = @no-such-group\n"
               "[defaults]\nallow = nobody-either\n"
               "[quota no-such-user]\nwaiting = 5\n[quota @root]\nwaiting = 6\n"
               "[sender s]\nendpoint = https://contoso.example\ntoken_command = /bin/true\n"
               "[thread a]\nid = 19:a\n[thread b]\nid = 19:b\n");
    expect_load(&folder,
                "~/chatrelay.conf:2: warning: [access] allow = root, no-such-user,@root: no user "
                "\"no-such-user\" is known on this machine\n"
                "~/chatrelay.conf:3: warning: [access] operators = @no-such-group: no group "
                "\"no-such-group\" is known on this machine\n"
                "~/chatrelay.conf:5: warning: [defaults] allow = nobody-either: no user "
                "\"nobody-either\" is known on this machine\n"
                "~/chatrelay.conf:7: warning: [quota no-such-user] waiting = 5: no user "
                "\"no-such-user\" is known on this machine\n");
    remove_all(folder.path);
}

Test(config_files, a_command_that_cannot_be_run_is_a_warning)
{
    struct folder folder = folder_new();
    write_file(&folder, "script", 0644, "");
    write_file(&folder, "well", 0755, "");
    CLEANUP(free_memory)
    char *text = xasprintf(
        "[relay]\nalarm_command = %s/none ops\n"
        "[sender a]\nendpoint = https://a\ntoken_command = %s\n"
        "[sender b]\nendpoint = https://a\ntoken_command = %s/script now\n"
        "[sender c]\nendpoint = https://a\ntoken_command = %s/well now\n",
        folder.path, folder.path, folder.path, folder.path);
    write_file(&folder, "chatrelay.conf", 0644, text);
    expect_load(&folder,
                "~/chatrelay.conf:2: warning: [relay] alarm_command = ~/none ops: there "
                "is no such program yet\n"
                "~/chatrelay.conf:5: warning: [sender a] token_command = ~: ~ is no "
                "program: not a regular file\n"
                "~/chatrelay.conf:8: warning: [sender b] token_command = ~/script now: "
                "~/script cannot be run: Permission denied\n");
    remove_all(folder.path);
}

Test(config_files, a_time_zone_exists)
{
    struct folder folder = folder_new();
    write_file(&folder, "chatrelay.conf", 0644, "[relay]\ntime_zone = Atlantis/Center\n");
    expect_load(&folder,
                "~/chatrelay.conf:2: [relay] time_zone = Atlantis/Center: there is no such zone in "
                "/usr/share/zoneinfo (timedatectl list-timezones)\n");
    write_file(&folder, "chatrelay.conf", 0644, "[relay]\ntime_zone = UTC\n");
    expect_load(&folder, "");
    remove_all(folder.path);
}

Test(config_files, an_authorities_file_exists)
{
    struct folder folder = folder_new();
    write_file(&folder, "token", 0600, "");
    CLEANUP(free_memory)
    char *text =
        xasprintf("[sender a]\nendpoint = https://a\ntoken_file = %s/token\nca_file = %s/ca.pem\n",
                  folder.path, folder.path);
    write_file(&folder, "chatrelay.conf", 0644, text);
    expect_load(&folder,
                "~/chatrelay.conf:4: [sender a] ca_file = ~/ca.pem: No such file or "
                "directory\n");
    write_file(&folder, "ca.pem", 0644, "-----BEGIN PRIVATE KEY-----\n");
    expect_load(&folder,
                "~/chatrelay.conf:4: [sender a] ca_file = ~/ca.pem: there is no "
                "certificate in it (PEM: -----BEGIN CERTIFICATE-----)\n");
    write_file(&folder, "ca.pem", 0644, "An authority\n-----BEGIN CERTIFICATE-----\n");
    expect_load(&folder, "");
    remove_all(folder.path);
}

/* A file with one sender whose connection string is the file "string". */
static void write_minting_sender(const struct folder *folder)
{
    CLEANUP(free_memory)
    char *text = xasprintf("[sender a]\nconnection_string_file = %s/string\nidentity = 8:acs:a\n",
                           folder->path);
    write_file(folder, "chatrelay.conf", 0644, text);
}

Test(config_files, the_endpoint_stands_in_the_connection_string)
{
    struct folder folder = folder_new();
    struct config config;
    write_minting_sender(&folder);
    write_file(&folder, "string", 0640,
               "Endpoint=https://Contoso.example/;AccessKey=c2VzYW1l\n"
               "endpoint=https://contoso.example;accesskey=c2ltc2lt\n");
    char *said = load(&folder, &config);
    cr_expect_str_eq(said, "");
    cr_expect_str_eq(config.senders[0].endpoint, "https://contoso.example");
    cr_expect_not(config.senders[0].is_loopback);
    free(said);
    config_clear(&config);
    remove_all(folder.path);
}

Test(config_files, a_connection_string_that_cannot_be_read_is_an_error_that_repeats_nothing)
{
    static const struct {
        const char *text, *problem;
    } wrong[] = {
        { "", "it is empty" },
        { "c2VzYW1l", "it does not hold endpoint=https://...;accesskey=..." },
        { "endpoint=https://a/;accesskey=c2VzYW1l\nendpoint=https://b/;accesskey=c2VzYW1l",
          "the strings in it have different endpoints" },
    };
    struct folder folder = folder_new();
    write_minting_sender(&folder);
    expect_load(&folder,
                "~/chatrelay.conf:2: [sender a] connection_string_file = ~/string: No "
                "such file or directory\n");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char expected[256];
        write_file(&folder, "string", 0600, wrong[i].text);
        snprintf(expected, sizeof expected,
                 "~/chatrelay.conf:2: [sender a] connection_string_file = ~/string: %s\n",
                 wrong[i].problem);
        expect_load(&folder, expected);
    }
    write_file(&folder, "string", 0644, "endpoint=https://a/;accesskey=c2VzYW1l");
    expect_load(&folder,
                "~/chatrelay.conf:2: [sender a] connection_string_file = ~/string: others "
                "may use this file (mode 0644), so it is no secret: chmod o-rwx\n");
    remove_all(folder.path);
}
