#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <sysexits.h>

static const char usage[] =
    "usage: chatrelayd [--config FILE] [--after-restore | --check | --show-config]\n"
    "       chatrelayd --salvage OLD NEW\n"
    "\n"
    "Takes messages from local scripts over a Unix socket, keeps them on disk, and\n"
    "delivers them to Azure Communication Services Chat.\n"
    "\n"
    "  --config FILE   settings, or their folder (default: /etc/chatrelay/chatrelay.conf)\n"
    "  --after-restore the outbox is from a backup: look for each message before sending it\n"
    "  --salvage       save what can be read of the damaged outbox OLD into a NEW one, and end\n"
    "  --check         say what is wrong with the settings, and end\n"
    "  --show-config   print the settings in force and where each is from, and end\n"
    "  --version       print the version, and end\n"
    "  --help          print this, and end\n";

enum { CONFIG = 'c', RESTORED = 256, SALVAGE, CHECK, SHOW, VERSION, HELP };

static const struct option known[] = {
    { "config", required_argument, NULL, CONFIG }, { "after-restore", no_argument, NULL, RESTORED },
    { "salvage", no_argument, NULL, SALVAGE },     { "check", no_argument, NULL, CHECK },
    { "show-config", no_argument, NULL, SHOW },    { "version", no_argument, NULL, VERSION },
    { "help", no_argument, NULL, HELP },           { 0 },
};

/* `word` is as it was written. False, and said, for what cannot be used. */
static bool take(struct options *options, int option, const char *word)
{
    switch (option) {
    case CONFIG:
        options->config_path = optarg;
        return true;
    case RESTORED:
        options->after_restore = true;
        return true;
    case SALVAGE:
        options->mode = MODE_SALVAGE;
        return true;
    case CHECK:
        options->mode = MODE_CHECK;
        return true;
    case SHOW:
        options->mode = MODE_SHOW;
        return true;
    case ':':
        fprintf(stderr, "chatrelayd: %s needs a value; see chatrelayd --help\n", word);
        return false;
    default:
        fprintf(stderr, "chatrelayd: unknown option \"%s\"; see chatrelayd --help\n", word);
        return false;
    }
}

/* What is left after the options: two files for --salvage, otherwise nothing. */
static bool take_words(struct options *options, int count, char **words)
{
    if (options->mode == MODE_SALVAGE && count == 2) {
        options->old_path = words[0];
        options->new_path = words[1];
        return true;
    }
    if (options->mode == MODE_SALVAGE)
        fprintf(stderr, "chatrelayd: --salvage takes two files, OLD and NEW\n");
    else if (count > 0)
        fprintf(stderr, "chatrelayd: unexpected word \"%s\"; see chatrelayd --help\n", words[0]);
    return options->mode != MODE_SALVAGE && count == 0;
}

bool options_read(int count, char **words, struct options *options, int *status)
{
    int option = 0;
    *status = EX_OK;
    opterr = 0;
    while ((option = getopt_long(count, words, ":c:", known, NULL)) != -1) {
        if (option == VERSION || option == HELP) {
            fputs(option == VERSION ? "chatrelayd " CHATRELAY_VERSION "\n" : usage, stdout);
            return false;
        }
        if (!take(options, option, words[optind - 1])) {
            *status = EX_USAGE;
            return false;
        }
    }
    if (take_words(options, count - optind, words + optind))
        return true;
    *status = EX_USAGE;
    return false;
}
