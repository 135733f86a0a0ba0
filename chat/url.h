/*
 * url.h - the parts that URLs of the API are made of. Pure.
 */
#ifndef CHATRELAY_CHAT_URL_H
#define CHATRELAY_CHAT_URL_H

#include "base/text.h"

#include <stdbool.h>

/* RFC 3986, section 2.3: what never needs encoding. */
bool url_is_unreserved(char c);

/* What is called url_add_... appends. */

/* Scheme and host, without the slashes that `endpoint` may end in. */
void url_add_endpoint(struct text *url, const char *endpoint);

/* The same, and the path of the chat's thread of this id, which is encoded here. */
void url_add_thread(struct text *url, const char *endpoint, const char *thread);

/* "?api-version=..." */
void url_add_version(struct text *url, const char *api_version);

/* With all but RFC 3986's unreserved characters (section 2.3) percent-encoded. */
void url_add_encoded(struct text *url, const char *part);

/*
 * Whether a URL leads to `endpoint`, as those do that were made by the functions above and what
 * next_link_resolve() makes of them. Letter by letter: another way to write the same host is
 * another one.
 */
bool url_is_at(const char *url, const char *endpoint);

/*
 * How much of an http or https URL says where to connect to: the rest may go into
 * a request's first line as it is. All of it, if the rest may not.
 */
size_t url_origin_length(const char *url);

#endif
