/*
 * verb_send.h - what `chatrelay send` can be told
 */
#ifndef CHATRELAY_CLIENT_VERB_SEND_H
#define CHATRELAY_CLIENT_VERB_SEND_H

#include "client/verb.h"

struct send_options {
    struct common_options common;
    const char *to;
    const char *file;
    const char *type;
    const char *title;
    const char *priority;
    const char *ttl;
    const char *at;
    const char *name;
    struct strings metadata; /* each KEY=VALUE */
    const char *once;
    const char *fold;
    const char *goal;  /* --for */
    msec_t wait_ms;    /* -1: not */
    int64_t cut_lines; /* 0: not */
    bool if_not_empty;
    bool json_lines;
};

#endif
