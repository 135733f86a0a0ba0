/*
 * next_link.h - where the next page of a list is. Pure.
 */
#ifndef CHATRELAY_CHAT_NEXT_LINK_H
#define CHATRELAY_CHAT_NEXT_LINK_H

#include "base/error.h"

/*
 * The URL that `link`, absolute or relative, means on the page at `url`; to be
 * freed with free(). NULL when it leads to another scheme, host or port, for we
 * would carry our token there, or is no link at all.
 */
MUST_CHECK char *next_link_resolve(const char *url, const char *link, struct error *err);

#endif
