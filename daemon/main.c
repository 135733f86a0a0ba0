/*
 * main.c - chatrelayd: takes messages from local scripts and delivers them to a chat
 */
#include "base/discretion.h"
#include "base/file.h"
#include "base/memory.h"
#include "daemon/excuse.h"
#include "daemon/options.h"
#include "daemon/relay.h"
#include "queue/salvage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <syslog.h>

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
    if (!relay) {
        result_log_say(log, LOG_ERR, "%s", err.text);
        excuse_from_start(err.text);
    }
    int status = relay && relay_run(relay) ? EX_OK : EX_UNAVAILABLE;
    relay_free(relay);
    result_log_free(log);
    return status;
}

/* Where the first mistake is, and not what stands there. */
static void excuse_settings(const struct config_problems *problems)
{
    const struct config_problem *first = config_problems_first_error(problems);
    if (!first)
        return;
    struct error why;
    CLEANUP(free_memory) char *place = config_problem_place(first);
    error_set(&why, "%s is wrong; systemctl status chatrelayd says how", place);
    excuse_from_start(why.text);
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

    file_open_standard();
    relay_hold_signals();
    discretion_begin();
    if (!options_read(argc, argv, &options, &status))
        return status;
    if (options.mode != MODE_RUN)
        relay_let_signals_through();
    if (options.mode == MODE_SALVAGE)
        return save_what_is_left(&options);
    CLEANUP(free_memory) char *config_path = config_file_meant(options.config_path);
    options.config_path = config_path;
    struct config *config = xcalloc(1, sizeof *config);
    bool valid = config_load(options.config_path, config, &problems);
    config_problems_print(&problems, stderr);
    if (options.mode == MODE_RUN)
        excuse_settings(&problems);
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
