/*
 * http.h - HTTP/1.1 requests on the event loop (libcurl's multi interface)
 *
 * A courier must know how far a request got, so two things are done behind
 * libcurl's back. It may repeat a request by itself when a kept connection dies
 * unanswered: we admit one request per call and abort the second. And the kernel
 * goes on delivering what a closed socket still holds: sockets are made so that
 * closing one discards it.
 *
 * The environment (proxies, netrc) is ignored unless HTTP_PROXY_OF_ENVIRONMENT asks for
 * it, redirects are not followed, certificates are always verified, TLS is 1.2 at least.
 */
#ifndef CHATRELAY_CHAT_HTTP_H
#define CHATRELAY_CHAT_HTTP_H

#include "base/clock.h"
#include "base/error.h"

#include <stddef.h>

struct event_base;
struct http;

enum http_method { HTTP_GET, HTTP_POST, HTTP_PATCH, HTTP_DELETE };

enum { HTTP_MOST_HEADERS = 8 };

/* As a request's proxy: what curl(1) would make of https_proxy, no_proxy and their kind. */
#define HTTP_PROXY_OF_ENVIRONMENT "environment"

struct http_request {
    enum http_method method;
    const char *url;                        /* http or https */
    const char *bearer;                     /* the access token to show; NULL for none */
    const char *headers[HTTP_MOST_HEADERS]; /* more, "Name: value"; NULLs are skipped */
    const char *body;                       /* NULL for none */
    size_t body_length;        /* less than 1 MiB: of more, libcurl asks whether it may (100) */
    const char *ca_file;       /* PEM file to trust; NULL: the system's */
    const char *proxy;         /* http://HOST:PORT to go through with CONNECT; NULL: none */
    msec_t connect_timeout_ms; /* to find the name, connect and agree on TLS; > 0 */
    msec_t silence_timeout_ms; /* less than a byte a second for so long; 0: never; whole seconds */
    msec_t timeout_ms;         /* for all of it; > 0 */
    size_t longest_reply;      /* more bytes of body than these are cut off */
};

/* How far a request got. */
enum http_progress {
    HTTP_NOTHING_SENT, /* for certain: no byte of it left us */
    HTTP_SENT,         /* some or all of it may have arrived; no answer */
    HTTP_ANSWERED,     /* a status came */
};

enum http_failure {
    HTTP_FAILURE_NONE,
    HTTP_FAILURE_NAME,    /* the host's name was not found */
    HTTP_FAILURE_CONNECT, /* refused or unreachable */
    HTTP_FAILURE_TLS,
    HTTP_FAILURE_TIMEOUT,
    HTTP_FAILURE_CLOSED,  /* the connection broke */
    HTTP_FAILURE_GARBLED, /* what came was not HTTP, or had more than 256 KiB of headers */
    HTTP_FAILURE_OTHER,
};

/* "timeout" and so on: one word for logs; "" for HTTP_FAILURE_NONE. Lives forever. */
const char *http_failure_name(enum http_failure failure);

struct http_reply {
    enum http_progress progress;
    int status; /* HTTP_ANSWERED: the final status, also when the body then broke off; else 0 */
    const char *body; /* never NULL, ends in NUL */
    size_t body_length;
    bool body_cut;              /* it was longer than longest_reply; this is its beginning */
    const char *retry_after;    /* headers as they came, NULL when absent; this not of 200, 201 */
    const char *retry_after_ms; /* retry-after-ms, else x-ms-retry-after-ms; likewise */
    const char *date;
    const char *location;
    const char *ms_cv;
    const char *content_type; /* not of 200, 201 */
    enum http_failure failure;
    const char *failure_text; /* in words for an operator; "" when nothing failed */
    msec_t connect_ms;        /* until the connection was open; 0 when one was reused */
    msec_t request_ms;        /* from there to the end */
};

/* `reply` and all it points to are valid during the call only. */
typedef void http_done(void *context, const struct http_reply *reply);

/* `loop` is borrowed. `user_agent` is copied; NULL for none. */
MUST_CHECK struct http *http_new(struct event_base *loop, const char *user_agent,
                                 struct error *err);

/*
 * Drops requests under way without calling them back, and returns without
 * waiting for a name to be found. Not to be called from a `done`. NULL is fine.
 */
void http_free(struct http *http);

/*
 * Nothing is done on the network before the loop runs again. `done` is called
 * exactly once, from the loop; new requests may be started in it. The body is
 * borrowed until then (or until http_free), all else is copied; the copies of
 * bearer and headers are wiped. Bounding how many are under way is up to the caller.
 */
void http_start(struct http *http, const struct http_request *request, http_done *done,
                void *context);

#endif
