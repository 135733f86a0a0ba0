/*
 * next_link.h - where the next page of a list is. Pure.
 */
#ifndef CHATRELAY_CHAT_NEXT_LINK_H
#define CHATRELAY_CHAT_NEXT_LINK_H

#include "base/error.h"

/*
 * The URL at which the page that `link`, absolute or relative, means is to be had
 * for whoever read the page at `url`; to be freed with free(). Of `link` only
 * path and query count, and where it leads is spelled as in `url`: our token goes to no other
 * server, and behind a gateway or a private link the service names itself, in its links, by a name
 * that is not the one it is reached by. NULL when it is no link at all.
 */
MUST_CHECK char *next_link_resolve(const char *url, const char *link, struct error *err);

#endif
