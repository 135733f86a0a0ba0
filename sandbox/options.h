/*
 * options.h - what chatrelay-sandbox was asked to be
 */
#ifndef CHATRELAY_SANDBOX_OPTIONS_H
#define CHATRELAY_SANDBOX_OPTIONS_H

#include "sandbox/server.h"

#include <stdio.h>

enum { OPTIONS_MOST_THINGS = 1000 };

struct options {
    bool help, version, demo, empty_401, retry_after_given;
    struct service *service; /* its settings are changed in place */
    char address[64];
    uint16_t port;
    msec_t latency_least_ms, latency_most_ms;
    bool chunked;

    /* What exists from the start; borrowed from argv. */
    const char *identities[OPTIONS_MOST_THINGS];
    size_t identity_count;
    const char *threads[OPTIONS_MOST_THINGS];
    size_t thread_count;
    struct {
        const char *file;
        size_t identity; /* its place in `identities` */
    } tokens[OPTIONS_MOST_THINGS];
    size_t token_count;
    msec_t token_lifetime_ms; /* of the service's time */
};

/* With the defaults, for that service. */
void options_init(struct options *options, struct service *service);

/* Read the command line. False and a sentence when it makes no sense. */
MUST_CHECK bool options_parse(struct options *options, int argc, char **argv, struct error *err);

void options_print_help(FILE *file);

#endif
