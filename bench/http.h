/*
 * http.h - as much of HTTP/1.1 as a chat that takes everything needs
 */
#ifndef CHATRELAY_BENCH_HTTP_H
#define CHATRELAY_BENCH_HTTP_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* A connection's bytes, and the first whole request in them. */
struct http_request {
    const char *path; /* up to the next blank */
    const char *body; /* not NUL-terminated */
    size_t body_bytes;
    size_t bytes; /* of all of it */
};

/* False while it is not whole yet. Borrowed from `received`. */
bool http_request_read(const struct text *received, struct http_request *request);

/* Append a 201 as the Chat API answers a send. */
void http_answer_created(struct text *out, const struct http_request *request);

/* The number that a message's content begins with. */
size_t http_message_number(const struct http_request *request);

#endif
