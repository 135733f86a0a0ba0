/*
 * call.h - one request, from the API's point of view
 *
 *     request -> call_new -> gate_spend -> gate_admit -> route->handle -> answer
 *
 * No handler knows of sockets, faults or delays; the server puts those around.
 */
#ifndef CHATRELAY_SANDBOX_CALL_H
#define CHATRELAY_SANDBOX_CALL_H

#include "sandbox/answer.h"
#include "sandbox/operation.h"
#include "sandbox/service.h"

struct call;

/* Which limit of a thread a request counts for. */
enum budget { BUDGET_NONE, BUDGET_SEND, BUDGET_LIST, BUDGET_GET };

/* Who may call. */
enum access {
    ACCESS_ANYBODY,     /* the sandbox's own controls */
    ACCESS_KEY,         /* signed with the access key: Identity */
    ACCESS_USER,        /* a user access token: Chat */
    ACCESS_READER,      /* and is or was a participant of the thread */
    ACCESS_PARTICIPANT, /* and is one */
};

struct route {
    const char *pattern; /* "*" stands for one segment */
    enum evhttp_cmd_type method;
    enum operation operation;
    enum access access;
    enum budget budget;
    void (*handle)(struct call *call, struct answer *answer);
};

enum { CALL_MOST_CAPTURES = 2 };

struct call {
    struct service *service;
    const struct route *route;
    const char *method;
    char *target;                       /* path?query, as sent */
    char *captures[CALL_MOST_CAPTURES]; /* what "*" stood for, percent-decoded */
    struct evkeyvalq query;             /* decoded */
    const struct evkeyvalq *headers;
    const char *body;
    size_t body_length;
    json_t *json;              /* the body, once call_read_json() was there */
    msec_t now_at, elapsed_ms; /* of the service */
    struct identity *user;     /* set by gate_admit(), as the two below */
    struct thread *thread;
    struct member *member;
    msec_t limit_wait_ms;         /* > 0: over the thread's limit of sends */
    msec_t late_ms;               /* a fault: what is sent shows up in lists so much later */
    bool repeat_next_link;        /* a fault */
    struct evkeyvalq own_headers; /* after call_keep() */
    char *own_body;
};

/*
 * NULL when the sandbox has nothing at that method and path. `target` is the
 * request's path?query; `headers` and `body` are borrowed until call_keep().
 */
struct call *call_new(struct service *service, enum evhttp_cmd_type method, const char *target,
                      const struct evkeyvalq *headers, const char *body, size_t body_length);
void call_free(struct call *call);

/* Copy what is borrowed: the request may go before the call does. */
void call_keep(struct call *call);

/* Set now_at and elapsed_ms; call_new() does, too. */
void call_read_clock(struct call *call);

/* NULL when missing. */
const char *call_header(const struct call *call, const char *name);
const char *call_query(const struct call *call, const char *name);

/* Refuse, in the shape that this API has. ACS: the message is missing at times (NULL). */
void call_refuse(const struct call *call, struct answer *answer, int status, const char *message);

/*
 * Read the body as a JSON object of that content type (NULL: any). False when it
 * is not one; the answer then says so.
 */
bool call_read_json(struct call *call, struct answer *answer, const char *content_type);

/*
 * "http://HOST", as the client called us; "https://HOST" if a proxy says so, or the
 * service's settings. To be freed.
 */
char *call_endpoint(const struct call *call);

/* The thread's id as Location and nextLink have it, "19%3A...@thread.v2". To be freed. */
char *call_thread_in_url(const struct thread *thread);

#endif
