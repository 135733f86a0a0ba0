/*
 * header_chain.h - a request's headers, as libcurl wants them
 */
#ifndef CHATRELAY_CHAT_HEADER_CHAIN_H
#define CHATRELAY_CHAT_HEADER_CHAIN_H

#include "chat/http.h"

#include <curl/curl.h>

/* Zeroed, there are none. To be cleared with header_chain_clear(). */
struct header_chain {
    struct curl_slist nodes[HTTP_MOST_HEADERS + 2]; /* point into `bytes`, the last to ours */
    char *bytes;
    size_t capacity;
};

/*
 * Copy the request's bearer and headers and chain them, with `own`, which is
 * borrowed and may be NULL, behind. NULL for none. What was in it must have been wiped.
 */
struct curl_slist *header_chain_make(struct header_chain *chain, const struct http_request *request,
                                     char *own);

/* There may be a token in them. The room is kept for the next. */
void header_chain_wipe(struct header_chain *chain);

/* Wipes them too. */
void header_chain_clear(struct header_chain *chain);

#endif
