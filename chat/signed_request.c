#include "chat/signed_request.h"

#include <string.h>

static const char *name_of(enum http_method method)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET", [HTTP_POST] = "POST", [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE"
    };
    return names[method];
}

void signed_request_sign(struct http_request *request, const struct access_key *key, msec_t at,
                         struct hmac_headers *headers)
{
    const struct hmac_request to_sign = { .method = name_of(request->method),
                                          .url = request->url,
                                          .body = request->body ? request->body : "",
                                          .body_length = request->body_length,
                                          .at = at };
    hmac_sign(key, &to_sign, headers);
    const char *const all[] = { headers->date, headers->content_hash, headers->authorization,
                                "Accept: application/json",
                                request->body ? "Content-Type: application/json" : NULL };
    memcpy(request->headers, all, sizeof all);
}
