/*
 * question.h - what the chat is asked on behalf of people: a thread, its messages, who is in it
 *
 * Everything here is read with GET and answered with JSON, and changes nothing
 * there. How often one may ask is up to the caller.
 */
#ifndef CHATRELAY_CHAT_QUESTION_H
#define CHATRELAY_CHAT_QUESTION_H

#include "chat/api.h"

#include <jansson.h>

enum question_kind {
    QUESTION_MESSAGES,     /* List Chat Messages: a page, the newest first */
    QUESTION_MESSAGE,      /* Get Chat Message */
    QUESTION_THREAD,       /* Get Chat Thread Properties */
    QUESTION_PARTICIPANTS, /* List Chat Participants: a page */
};

/* Strings are borrowed for the call. */
struct question {
    enum question_kind kind;
    const char *endpoint, *thread, *sender; /* as in struct parcel */
    const char *message;                    /* QUESTION_MESSAGE: the chat's id of it */
    int page_size;                          /* of pages, 1 to MESSAGES_LONGEST_PAGE */
    const char *page; /* a later page: what `next` said before; NULL: the first */
};

struct chat_answer {
    const json_t *body;      /* the object that came, as it came; NULL: `verdict` says why not */
    const char *next;        /* of a page: where the next one is; NULL: nowhere, or to itself */
    bool too_long;           /* a page held more than we take: ask for a smaller one */
    struct delivery verdict; /* OUTCOME_SENT with a body; else charged as an attempt's would be */
    bool given_up; /* by whoever was to ask it: `verdict` says nothing of the chat, but why */
};

/* What it is given is valid during the call only. */
typedef void question_done(void *context, const struct chat_answer *answer);

/* All questions under way. */
struct questions;

/* `api` and `clock` are borrowed. */
struct questions *questions_new(struct api *api, const struct clock *clock);

/* After http_free(), so that nothing comes back. NULL is fine. */
void questions_free(struct questions *questions);

/* `sender` is NULL when there is none of the question's name. `done` is called once, later. */
void questions_start(struct questions *questions, struct sender *sender,
                     const struct question *question, question_done *done, void *context);

#endif
