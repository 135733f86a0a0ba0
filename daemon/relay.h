/*
 * relay.h - the whole program: the one place that knows everyone
 *
 *     read everything  ->  write once  ->  act
 *
 * One thread, one loop. A turn takes in what has come (lines, answers of the
 * chat, times), commits all changes at once, and then lets out what depends on
 * them (answers, requests, log lines).
 */
#ifndef CHATRELAY_DAEMON_RELAY_H
#define CHATRELAY_DAEMON_RELAY_H

#include "config/config.h"
#include "daemon/result_log.h"

struct relay;

struct relay_setup {
    const char *config_path;   /* read again on SIGHUP; borrowed, as the log */
    struct config *config;     /* taken over: valid, from config_load() */
    const struct clock *clock; /* borrowed */
    struct result_log *log;
    bool restored; /* the outbox is from a backup: see adoption.h */
};

/* Open the outbox and the socket. NULL with a sentence when one of them cannot be had. */
MUST_CHECK struct relay *relay_new(const struct relay_setup *setup, struct error *err);

/* Run until SIGTERM or SIGINT. False: until the outbox was found damaged, which is logged. */
MUST_CHECK bool relay_run(struct relay *relay);

/*
 * Keep what the relay handles (SIGTERM, SIGINT and SIGHUP) until relay_new() watches for it, so
 * that whoever signals a program that has only just begun is obeyed, a little later.
 */
void relay_hold_signals(void);
void relay_let_signals_through(void);

/* NULL is fine. */
void relay_free(struct relay *relay);

#endif
