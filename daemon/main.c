/*
 * main.c - chatrelayd: takes messages from local scripts and delivers them to a chat
 */
#include "base/memory.h"
#include "daemon/relay.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <syslog.h>

static const char usage[] =
    "usage: chatrelayd [--config FILE] [--check | --show-config]\n"
    "\n"
    "Takes messages from local scripts over a Unix socket, keeps them on disk, and\n"
    "delivers them to Azure Communication Services Chat.\n"
    "\n"
    "  --config FILE   settings (default: /etc/chatrelay/chatrelay.conf)\n"
    "  --check         say what is wrong with the settings, and end\n"
    "  --show-config   print the settings in force and where each is from, and end\n"
    "  --version       print the version, and end\n"
    "  --help          print this, and end\n";

enum mode { MODE_RUN, MODE_CHECK, MODE_SHOW };

struct options {
    const char *config_path;
    enum mode mode;
};

/* False when there is nothing more to do; `status` is then the exit status. */
static bool read_options(int count, char **words, struct options *options, int *status)
{
    enum { CONFIG = 'c', CHECK, SHOW, VERSION, HELP };
    static const struct option known[] = {
        { "config", required_argument, NULL, CONFIG }, { "check", no_argument, NULL, CHECK },
        { "show-config", no_argument, NULL, SHOW },    { "version", no_argument, NULL, VERSION },
        { "help", no_argument, NULL, HELP },           { 0 },
    };
    int option = 0;
    *status = EX_OK;
    while ((option = getopt_long(count, words, "c:", known, NULL)) != -1) {
        switch (option) {
        case CONFIG:
            options->config_path = optarg;
            break;
        case CHECK:
            options->mode = MODE_CHECK;
            break;
        case SHOW:
            options->mode = MODE_SHOW;
            break;
        case VERSION:
            puts("chatrelayd " CHATRELAY_VERSION);
            return false;
        case HELP:
            fputs(usage, stdout);
            return false;
        default:
            *status = EX_USAGE;
            return false;
        }
    }
    if (optind == count)
        return true;
    fprintf(stderr, "chatrelayd: unexpected word \"%s\"; see chatrelayd --help\n", words[optind]);
    *status = EX_USAGE;
    return false;
}

/* A core file would hold access keys and tokens. Nor may others of our user look into us. */
static void keep_secrets(void)
{
    const struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

static int run(const char *config_path, struct config *config)
{
    struct result_log *log = result_log_new();
    const struct relay_setup setup = {
        .config_path = config_path, .config = config, .clock = &clock_system, .log = log
    };
    struct error err;
    struct relay *relay = relay_new(&setup, &err);
    if (relay)
        relay_run(relay);
    else
        result_log_say(log, LOG_ERR, "%s", err.text);
    int status = relay ? EX_OK : EX_UNAVAILABLE;
    relay_free(relay);
    result_log_free(log);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = { .config_path = "/etc/chatrelay/chatrelay.conf" };
    struct config_problems problems = { 0 };
    int status = EX_OK;

    keep_secrets();
    if (!read_options(argc, argv, &options, &status))
        return status;
    struct config *config = xcalloc(1, sizeof *config);
    bool valid = config_load(options.config_path, config, &problems);
    config_problems_print(&problems, stderr);
    config_problems_clear(&problems);
    if (valid && options.mode == MODE_RUN)
        return run(options.config_path, config);

    if (valid && options.mode == MODE_SHOW)
        config_print(config, stdout);
    if (valid && options.mode == MODE_CHECK)
        printf("%s: %zu senders, %zu threads: no errors\n", options.config_path,
               config->sender_count, config->thread_count);
    config_clear(config);
    free(config);
    return valid ? EX_OK : EX_CONFIG;
}
