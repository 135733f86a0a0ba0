/*
 * request.h - what a client asks for: one line, one JSON object
 *
 *     {"to":"ops","content":"disk full on db01","priority":"urgent","ttl":"1h"}
 *
 * Parsing checks all that can be known from the line alone: operation, fields,
 * types, words, bounds, UTF-8. What needs settings or the queue (does the thread
 * exist, how long may content be, may he do that) is the daemon's.
 *
 * A new operation is one value of the enum and one row of the table of
 * operations; a new field is a member, a row, and the operations it belongs to.
 */
#ifndef CHATRELAY_WIRE_REQUEST_H
#define CHATRELAY_WIRE_REQUEST_H

#include "base/attributes.h"
#include "base/clock.h"
#include "wire/refusal.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REQUEST_LONGEST_LINE = 256 * 1024 }; /* without the newline */

enum {
    REQUEST_LONGEST_NAME = 1024, /* bytes of senderDisplayName */
    REQUEST_LONGEST_ONCE = 200,  /* bytes of once, and of fold */
    REQUEST_LARGEST_PAGE = 1000, /* messages a list may ask for at once */
    REQUEST_MOST_IDS = 100,      /* messages that may be named one by one */
};

enum request_op {
    REQUEST_HELLO,
    REQUEST_SEND,
    REQUEST_WAIT,
    REQUEST_SHOW,
    REQUEST_LIST,
    REQUEST_STATS,
    REQUEST_STATUS,
    REQUEST_THREADS,
    REQUEST_WHY,
    REQUEST_LOG,
    REQUEST_CANCEL,
    REQUEST_HOLD,
    REQUEST_RELEASE,
    REQUEST_RETRY,
    REQUEST_PAUSE,
    REQUEST_RESUME,
    REQUEST_FLUSH,
    REQUEST_AUDIT,
    REQUEST_READ,
    REQUEST_EDIT,
    REQUEST_UNSEND,
    REQUEST_BACKUP,
    REQUEST_CHECK,
};

enum { REQUEST_OPS = REQUEST_CHECK + 1 };

enum request_priority {
    REQUEST_PRIORITY_UNSAID, /* send: normal; list: any */
    REQUEST_PRIORITY_URGENT,
    REQUEST_PRIORITY_NORMAL,
    REQUEST_PRIORITY_BULK,
};

enum request_type {
    REQUEST_TYPE_TEXT, /* also if unsaid */
    REQUEST_TYPE_HTML,
};

enum request_state {
    REQUEST_STATE_ANY, /* also if unsaid */
    REQUEST_STATE_SCHEDULED,
    REQUEST_STATE_PENDING,
    REQUEST_STATE_HELD,
    REQUEST_STATE_SENT,
    REQUEST_STATE_FOLDED,
    REQUEST_STATE_EXPIRED,
    REQUEST_STATE_CANCELLED,
    REQUEST_STATE_DEAD,
};

enum request_goal {
    REQUEST_FOR_END, /* any final state; also if unsaid */
    REQUEST_FOR_SENT,
    REQUEST_FOR_VISIBLE, /* read back from the chat */
};

/*
 * Strings are borrowed from `root`: they live until request_clear(). A string
 * that was not given is NULL, an id, count or instant 0, a duration -1.
 */
struct request {
    enum request_op op;
    const char *ref; /* any string of the client's, to be echoed in the answer */

    /* send */
    const char *to; /* NULL: the default thread */
    const char *content;
    size_t content_bytes;
    enum request_type type;
    enum request_priority priority; /* also a filter, see below */
    const char *display_name;       /* field senderDisplayName */
    char *metadata;                 /* compact JSON, keys sorted; NULL if none or empty */
    msec_t ttl_ms;
    msec_t due_at; /* field at; may lie in the past */
    const char *once;
    const char *fold;

    /* wait, show, why, and what is done to messages */
    int64_t id; /* wait: 0 means this connection's latest send */

    /* wait */
    msec_t timeout_ms;      /* -1: for ever */
    enum request_goal goal; /* field for */

    /* cancel, hold, release, retry: one of id, ids, filters, all */
    bool all;
    bool follow;        /* log, read */
    bool remote;        /* show */
    const char *sender; /* check */
    size_t id_count;
    int64_t ids[REQUEST_MOST_IDS];

    /* pause */
    msec_t duration_ms;

    /* list, and what is done to many: filters, all of which must fit, and the page */
    const char *thread; /* also of all that is about a thread */
    enum request_state state;
    const char *user;
    msec_t older_than_ms;
    int64_t limit; /* 1 to REQUEST_LARGEST_PAGE; 0 if not given */
    int64_t after; /* the `next` of the page before */

    json_t *root;
};

/*
 * Read one line (no newline, no NUL needed). `now_at` is what "+10m" in `at`
 * counts from. On failure `refusal` says why, and `request` holds only `ref`, if
 * that could be read. Clear it in either case.
 */
MUST_CHECK bool request_parse(const char *line, size_t length, msec_t now_at,
                              struct request *request, struct refusal *refusal);

/* Also for a zeroed request, and twice. Also for CLEANUP(). */
void request_clear(struct request *request);

/* "send" */
const char *request_op_name(enum request_op op);

#endif
