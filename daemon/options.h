/*
 * options.h - what chatrelayd is asked for on its command line
 */
#ifndef CHATRELAY_DAEMON_OPTIONS_H
#define CHATRELAY_DAEMON_OPTIONS_H

#include <stdbool.h>

enum mode { MODE_RUN, MODE_CHECK, MODE_SHOW, MODE_SALVAGE };

struct options {
    const char *config_path;
    enum mode mode;
    bool after_restore;
    const char *old_path, *new_path; /* MODE_SALVAGE */
};

/*
 * Read them over those that are there. False when there is nothing more to do,
 * since they are wrong, which is said on stderr, or --help or --version was
 * answered: `status` is then the exit status. Strings are borrowed from `words`.
 */
bool options_read(int count, char **words, struct options *options, int *status);

#endif
