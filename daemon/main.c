/*
 * main.c - chatrelayd: takes messages from local scripts and delivers them to a chat
 */
#include "base/memory.h"
#include "daemon/relay.h"
#include "queue/salvage.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <syslog.h>

static const char usage[] =
    "usage: chatrelayd [--config FILE] [--after-restore | --check | --show-config]\n"
    "       chatrelayd --salvage OLD NEW\n"
    "\n"
    "Takes messages from local scripts over a Unix socket, keeps them on disk, and\n"
    "delivers them to Azure Communication Services Chat.\n"
    "\n"
    "  --config FILE   settings (default: /etc/chatrelay/chatrelay.conf)\n"
    "  --after-restore the outbox is from a backup: look for each message before sending it\n"
    "  --salvage       save what can be read of the damaged outbox OLD into a NEW one, and end\n"
    "  --check         say what is wrong with the settings, and end\n"
    "  --show-config   print the settings in force and where each is from, and end\n"
    "  --version       print the version, and end\n"
    "  --help          print this, and end\n";

enum mode { MODE_RUN, MODE_CHECK, MODE_SHOW, MODE_SALVAGE };

struct options {
    const char *config_path;
    enum mode mode;
    bool after_restore;
    const char *old_path, *new_path; /* MODE_SALVAGE */
};

/* False when there is nothing more to do; `status` is then the exit status. */
static bool read_options(int count, char **words, struct options *options, int *status)
{
    enum { CONFIG = 'c', RESTORED, SALVAGE, CHECK, SHOW, VERSION, HELP };
    static const struct option known[] = {
        { "config", required_argument, NULL, CONFIG },
        { "check", no_argument, NULL, CHECK },
        { "show-config", no_argument, NULL, SHOW },
        { "version", no_argument, NULL, VERSION },
        { "after-restore", no_argument, NULL, RESTORED },
        { "salvage", no_argument, NULL, SALVAGE },
        { "help", no_argument, NULL, HELP },
        { 0 },
    };
    int option = 0;
    *status = EX_OK;
    while ((option = getopt_long(count, words, "c:", known, NULL)) != -1) {
        switch (option) {
        case CONFIG:
            options->config_path = optarg;
            break;
        case RESTORED:
            options->after_restore = true;
            break;
        case SALVAGE:
            options->mode = MODE_SALVAGE;
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
    if (options->mode == MODE_SALVAGE && count - optind == 2) {
        options->old_path = words[optind];
        options->new_path = words[optind + 1];
        return true;
    }
    if (optind == count && options->mode != MODE_SALVAGE)
        return true;
    if (options->mode == MODE_SALVAGE)
        fprintf(stderr, "chatrelayd: --salvage takes two files, OLD and NEW\n");
    else
        fprintf(stderr, "chatrelayd: unexpected word \"%s\"; see chatrelayd --help\n",
                words[optind]);
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

static int run(const struct options *options, struct config *config)
{
    struct result_log *log = result_log_new();
    const struct relay_setup setup = {
        .config_path = options->config_path,
        .config = config,
        .clock = &clock_system,
        .log = log,
        .restored = options->after_restore,
    };
    struct error err;
    struct relay *relay = relay_new(&setup, &err);
    if (!relay)
        result_log_say(log, LOG_ERR, "%s", err.text);
    int status = relay && relay_run(relay) ? EX_OK : EX_UNAVAILABLE;
    relay_free(relay);
    result_log_free(log);
    return status;
}

static void print_saved(const struct salvage *salvage)
{
    int64_t saved = 0, lost = 0;
    for (int i = 0; i < MESSAGE_STATES; i++) {
        const char *state = message_state_name((enum message_state)i);
        int64_t missing = salvage->expected[i] - salvage->saved[i];
        saved += salvage->saved[i];
        if (salvage->has_books && missing > 0) {
            lost += missing;
            printf("%-10s %8" PRId64 " saved, %" PRId64 " lost\n", state, salvage->saved[i],
                   missing);
        } else if (salvage->saved[i] > 0) {
            printf("%-10s %8" PRId64 " saved\n", state, salvage->saved[i]);
        }
    }
    printf("%-10s %8" PRId64 " saved", "all", saved);
    if (salvage->has_books)
        printf(", %" PRId64 " lost\n", lost);
    else
        puts("; how many are lost cannot be told, as the books are damaged too");
}

static int save_what_is_left(const struct options *options)
{
    struct salvage salvage;
    struct error err;
    bool done =
        salvage_outbox(options->old_path, options->new_path, CHATRELAY_VERSION, &salvage, &err);
    if (done) {
        print_saved(&salvage);
        if (salvage.unreadable_blocks > 0)
            printf("The disk did not give %" PRId64 " blocks of 4 KiB.\n",
                   salvage.unreadable_blocks);
        fputs(salvage.remarks.bytes ? salvage.remarks.bytes : "", stdout);
        printf("%s is ready. What waits in it is looked for before it is sent.\n",
               options->new_path);
    } else {
        fprintf(stderr, "chatrelayd: %s\n", err.text);
    }
    text_clear(&salvage.remarks);
    return done ? EX_OK : EX_UNAVAILABLE;
}

int main(int argc, char **argv)
{
    struct options options = { .config_path = "/etc/chatrelay/chatrelay.conf" };
    struct config_problems problems = { 0 };
    int status = EX_OK;

    keep_secrets();
    if (!read_options(argc, argv, &options, &status))
        return status;
    if (options.mode == MODE_SALVAGE)
        return save_what_is_left(&options);
    struct config *config = xcalloc(1, sizeof *config);
    bool valid = config_load(options.config_path, config, &problems);
    config_problems_print(&problems, stderr);
    config_problems_clear(&problems);
    if (valid && options.mode == MODE_RUN)
        return run(&options, config);

    if (valid && options.mode == MODE_SHOW)
        config_print(config, stdout);
    if (valid && options.mode == MODE_CHECK)
        printf("%s: no errors; senders: %zu, threads: %zu\n", options.config_path,
               config->sender_count, config->thread_count);
    config_clear(config);
    free(config);
    return valid ? EX_OK : EX_CONFIG;
}
