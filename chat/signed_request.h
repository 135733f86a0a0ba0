/*
 * signed_request.h - a request of the Identity API, signed with an access key. Pure.
 */
#ifndef CHATRELAY_CHAT_SIGNED_REQUEST_H
#define CHATRELAY_CHAT_SIGNED_REQUEST_H

#include "chat/hmac.h"
#include "chat/http.h"

/*
 * Give `request`, of which all else is set, its headers. They point into `headers`, and are good
 * for some minutes around `at`.
 */
void signed_request_sign(struct http_request *request, const struct access_key *key, msec_t at,
                         struct hmac_headers *headers);

#endif
