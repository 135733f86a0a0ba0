/*
 * exchange.h - one HTTP request with its answer, over and over
 *
 * A libcurl handle is dear: after an exchange it serves another, and best one
 * of the same origin.
 */
#ifndef CHATRELAY_CHAT_EXCHANGE_H
#define CHATRELAY_CHAT_EXCHANGE_H

#include "chat/http.h"

#include <curl/curl.h>

struct curl_loop;
struct exchange;

/* What all have in common. */
struct exchange_setup {
    struct curl_loop *loop;
    char *user_agent;                        /* the header; or NULL */
    char *system_ca_file, *system_ca_folder; /* where libcurl looks for certificates; or NULL */
};

/* `setup` is borrowed. */
struct exchange *exchange_new(const struct exchange_setup *setup);

/* Gives up what is under way, without calling back, and wipes it. */
void exchange_free(struct exchange *exchange);

/* Its latest request was to the same origin: the first `length` bytes of `url`. */
bool exchange_had_origin(const struct exchange *exchange, const char *url, size_t length);

/* See http_start(); `origin_length` is the URL's. None must be under way. */
void exchange_begin(struct exchange *exchange, const struct http_request *request,
                    size_t origin_length, http_done *done, void *context);

/* Whose handle that is. */
struct exchange *exchange_of(CURL *easy);

/* The loop says that it has ended: calls `done`, and wipes it. */
void exchange_end(struct exchange *exchange, CURLcode result);

#endif
