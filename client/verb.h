/*
 * verb.h - what the command can be told to do, one row and one file each
 */
#ifndef CHATRELAY_CLIENT_VERB_H
#define CHATRELAY_CLIENT_VERB_H

#include "client/exit_code.h"
#include "client/option.h"

#include <stdbool.h>
#include <stddef.h>

/* What every verb can be told. The first member of each verb's own struct of options. */
struct common_options {
    const char *socket; /* NULL: the environment's, or the usual place */
    msec_t timeout_ms;  /* to reach the relay */
    bool json;
    bool help;
};

struct verb {
    const char *name;
    const char *arguments; /* as help shows them; "" for none */
    const char *summary;   /* one line */
    const char *example;
    const struct option *options; /* its own, without the common ones */
    size_t option_count;
    const void *defaults; /* the verb's struct of options before the command line is read */
    size_t options_size;
    bool takes_command;   /* its arguments are another's command line: options come before it */
    bool is_said_by_code; /* how a message or command ended: holds also if the output is lost */
    enum exit_code (*run)(const void *options, const struct strings *arguments);
};

extern const struct verb verb_send;
extern const struct verb verb_run;
extern const struct verb verb_wait;
extern const struct verb verb_show;
extern const struct verb verb_list;
extern const struct verb verb_stats;
extern const struct verb verb_status;
extern const struct verb verb_threads;
extern const struct verb verb_why;
extern const struct verb verb_log;
extern const struct verb verb_cancel;
extern const struct verb verb_hold;
extern const struct verb verb_release;
extern const struct verb verb_retry;
extern const struct verb verb_pause;
extern const struct verb verb_resume;
extern const struct verb verb_flush;
extern const struct verb verb_audit;
extern const struct verb verb_backup;
extern const struct verb verb_read;
extern const struct verb verb_edit;
extern const struct verb verb_unsend;
extern const struct verb verb_check;

extern const struct verb *const verbs[];
extern const size_t verb_count;

/* NULL if there is none of that name. */
const struct verb *verb_find(const char *name);

#define VERB_DEFAULT_TIMEOUT_MS 10000

/* The rows of struct common_options. */
extern const struct option common_options[];
extern const size_t common_option_count;

#endif
