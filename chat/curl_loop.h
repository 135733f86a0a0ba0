/*
 * curl_loop.h - libcurl's transfers driven by libevent
 */
#ifndef CHATRELAY_CHAT_CURL_LOOP_H
#define CHATRELAY_CHAT_CURL_LOOP_H

#include "base/error.h"

#include <curl/curl.h>

struct curl_loop;
struct event_base;

/* The transfer has ended and is no longer the loop's; others may be added in this call. */
typedef void curl_finished(void *context, CURL *easy, CURLcode result);

/* `events` is borrowed. At most `kept_connections` wait open for the next request. */
MUST_CHECK struct curl_loop *curl_loop_new(struct event_base *events, long kept_connections,
                                           curl_finished *finished, void *context,
                                           struct error *err);

/* All transfers must have ended or been removed before. NULL is fine. */
void curl_loop_free(struct curl_loop *loop);

/* Start a transfer: nothing happens on the network before the event loop runs again. */
void curl_loop_add(struct curl_loop *loop, CURL *easy);

/*
 * Each transfer that is added tells of its connection's socket: its CURLOPT_SOCKOPTFUNCTION that it
 * was opened, and its CURLOPT_CLOSESOCKETFUNCTION is the second of these, which closes it.
 */
void curl_loop_opened(struct curl_loop *loop, curl_socket_t fd);
int curl_loop_close(void *loop, curl_socket_t fd);

/* Give a transfer up; `finished` is not called for it. */
void curl_loop_remove(struct curl_loop *loop, CURL *easy);

#endif
