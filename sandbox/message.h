/*
 * message.h - what was said in a thread
 */
#ifndef CHATRELAY_SANDBOX_MESSAGE_H
#define CHATRELAY_SANDBOX_MESSAGE_H

#include "sandbox/identity.h"

enum message_type {
    MESSAGE_TEXT,
    MESSAGE_HTML,
    MESSAGE_TOPIC_UPDATED,
    MESSAGE_PARTICIPANT_ADDED,
    MESSAGE_PARTICIPANT_REMOVED,
};

struct thread;

struct message {
    enum message_type type;
    const struct thread *thread;
    const struct identity *author;
    msec_t id;         /* ACS: the epoch milliseconds of its creation */
    int64_t sequence;  /* ACS: counts per thread, system messages too; an edit moves it */
    msec_t version_at; /* ACS: the id until it is edited, then the edit's instant */
    msec_t edited_at;  /* 0: never */
    msec_t deleted_at; /* 0: never */
    msec_t listed_ms;  /* lists show it from this time of the service's on */
    char *content;     /* text and html: what was said; system messages: the JSON of `content` */
    char *display_name;
    char *metadata; /* JSON, or NULL */
};

void message_free(struct message *message);

/* text and html only: what a sender may ask for. False for anything else. */
bool message_type_from_name(const char *name, enum message_type *type);

/* Said by a person, not by the service. */
bool message_is_said(const struct message *message);

/* A ChatMessage. */
json_t *message_json(const struct message *message);

#endif
