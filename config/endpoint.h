/*
 * endpoint.h - where the chat service is: https://contoso.communication.azure.com
 */
#ifndef CHATRELAY_CONFIG_ENDPOINT_H
#define CHATRELAY_CONFIG_ENDPOINT_H

#include "base/error.h"

#include <stdbool.h>

/*
 * `text` as scheme://host[:port] in lower case, without a slash at the end and
 * without the scheme's own port, so that one place has one spelling. To be
 * freed; NULL with a reason for anything else (a path, a user, a query), and for
 * http:// to another machine: a token would travel in the clear.
 */
MUST_CHECK char *endpoint_normal(const char *text, struct error *err);

/*
 * Likewise a proxy: http://HOST:PORT in lower case, to be freed. The port is never left out, for
 * programs do not agree on which one is meant then; a user and password are secrets.
 */
MUST_CHECK char *endpoint_proxy(const char *text, struct error *err);

/* Whether a normal endpoint is on this machine: 127.0.0.0/8, [::1], localhost. */
bool endpoint_is_loopback(const char *endpoint);

#endif
