/*
 * attempt.h - one try to get a message into the chat, as it is written down
 */
#ifndef CHATRELAY_QUEUE_ATTEMPT_H
#define CHATRELAY_QUEUE_ATTEMPT_H

#include "queue/courier.h"

/* A row of the outbox. It is stored when the attempt begins and again when it ends. */
struct attempt {
    int64_t message; /* its id */
    int64_t number;  /* 1 for the message's first */
    int64_t place;   /* outbox_place(): whose budget it spends */
    msec_t began_at;
    msec_t ended_at;  /* 0: under way, or never learned */
    int64_t known_id; /* what it makes has no smaller id, nearly: see look.c; 0: nobody knows */
    enum outcome outcome;
    enum scope scope;
    int http;
    msec_t wait_ms; /* as in struct delivery */
    char code[64];
    char cv[80];
    char detail[200];
};

#endif
