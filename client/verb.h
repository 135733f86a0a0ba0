/*
 * verb.h - what the command can be told to do, one row and one file each
 */
#ifndef CHATRELAY_CLIENT_VERB_H
#define CHATRELAY_CLIENT_VERB_H

#include "client/exit_code.h"
#include "client/option.h"

#include <stdbool.h>
#include <stddef.h>

/* What every verb can be told. The first member of each verb's own options. */
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
    const struct option *options;
    size_t option_count;
    const void *defaults; /* the verb's struct of options before the command line is read */
    size_t options_size;
    enum exit_code (*run)(const void *options, const struct strings *arguments);
};

extern const struct verb verb_send;
extern const struct verb verb_wait;
extern const struct verb verb_show;
extern const struct verb verb_list;
extern const struct verb verb_stats;

extern const struct verb *const verbs[];
extern const size_t verb_count;

/* NULL if there is none of that name. */
const struct verb *verb_find(const char *name);

#define VERB_DEFAULT_TIMEOUT_MS 10000

/* Rows of the table of options for the struct common_options at the start of `type`. */
#define VERB_COMMON_OPTIONS(type)                                                        \
    { "socket",                                                                          \
      0,                                                                                 \
      "PATH",                                                                            \
      OPTION_STRING,                                                                     \
      false,                                                                             \
      offsetof(type, common.socket),                                                     \
      "the relay's socket; else $CHATRELAY_SOCKET, else /run/chatrelay/socket" },        \
        { "timeout",                                                                     \
          0,                                                                             \
          "DURATION",                                                                    \
          OPTION_DURATION,                                                               \
          false,                                                                         \
          offsetof(type, common.timeout_ms),                                             \
          "how long to try to reach the relay (10s)" },                                  \
        { "json",                                                                        \
          0,                                                                             \
          NULL,                                                                          \
          OPTION_FLAG,                                                                   \
          false,                                                                         \
          offsetof(type, common.json),                                                   \
          "print JSON, one object a line" },                                             \
    {                                                                                    \
        "help", 'h', NULL, OPTION_FLAG, false, offsetof(type, common.help), "print this" \
    }

#endif
