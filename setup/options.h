/*
 * options.h - what was asked for
 */
#ifndef CHATRELAY_SETUP_OPTIONS_H
#define CHATRELAY_SETUP_OPTIONS_H

#include "setup/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { OPTIONS_MOST_WORDS = 4 };

struct options {
    const char *config;                 /* a settings file, or its folder */
    const char *connection_string_file; /* NULL: ask; "-": standard input */
    const char *sender, *thread;        /* names in the settings; NULL: not said */
    const char *topic, *display_name;   /* NULL: not said */
    const char *ca_file, *proxy;
    const char *account; /* the user that the relay runs as */
    bool yes, json, delete_identity, help, version;
    const char *words[OPTIONS_MOST_WORDS]; /* the verb, if any, and what follows it */
    size_t word_count;
};

struct verb;

/* STATUS_USAGE, having said why, when it makes no sense. `argv[0]` is the program. */
enum status options_read(struct options *options, const struct verb **verb, int argc, char **argv);

/* Of one verb, or of the program (NULL). */
void options_print_help(const struct verb *verb);

#endif
