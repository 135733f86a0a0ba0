/*
 * main.c - chatrelay-setup: from Azure's connection string to a message in a chat
 */
#include "base/discretion.h"
#include "base/file.h"
#include "setup/verb.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static enum status run(const struct options *options, const struct verb *verb)
{
    struct setup setup = { 0 };
    size_t skipped = verb->name ? 1 : 0;
    enum status status = setup_open(&setup, options);
    if (status == STATUS_DONE)
        status = verb->run(&setup, options->words + skipped, options->word_count - skipped);
    if (status != STATUS_DONE)
        setup_tell("chatrelay-setup: %s", setup.err.text);
    if (status != STATUS_DONE && setup.plan && plan_has_goals(setup.plan))
        setup_tell(
            "Run it again once that is mended: it goes on from here, and makes nothing twice.");
    setup_close(&setup);
    return status;
}

int main(int argc, char **argv)
{
    struct options options;
    const struct verb *verb = NULL;
    file_open_standard();
    discretion_begin();
    signal(SIGPIPE, SIG_IGN);
    umask(S_IWGRP | S_IWOTH);
    enum status status = options_read(&options, &verb, argc, argv);
    if (status == STATUS_DONE && options.help)
        options_print_help(verb);
    else if (status == STATUS_DONE && options.version)
        puts("chatrelay-setup " CHATRELAY_VERSION);
    else if (status == STATUS_DONE)
        status = run(&options, verb);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        setup_tell("chatrelay-setup: cannot write to standard output");
        status = status == STATUS_DONE ? STATUS_TRY_LATER : status;
    }
    return (int)status;
}
