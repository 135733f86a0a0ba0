/*
 * curl_answer.h - what libcurl knows of a transfer that has ended
 */
#ifndef CHATRELAY_CHAT_CURL_ANSWER_H
#define CHATRELAY_CHAT_CURL_ANSWER_H

#include "chat/http.h"

#include <curl/curl.h>

/*
 * Fill in all of `reply` but the body. `admitted`: the request was about to be
 * sent at least once. `words`: libcurl's error buffer. The strings are the
 * handle's and those of `words`: valid until it is used again.
 */
void curl_answer_read(CURL *easy, CURLcode result, bool admitted, const char *words,
                      struct http_reply *reply);

#endif
