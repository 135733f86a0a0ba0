/*
 * page.h - a page of what the chat lists: {"value":[...],"nextLink":"..."}. Pure.
 */
#ifndef CHATRELAY_CHAT_PAGE_H
#define CHATRELAY_CHAT_PAGE_H

#include "base/error.h"

#include <jansson.h>
#include <stddef.h>

/* Zeroed, it is empty. */
struct page {
    json_t *json;
    const json_t *items;   /* the array */
    const char *next_link; /* NULL: this is the last page */
};

/* False, with an empty page, when it is none of `what`, "threads". Unknown fields are ignored. */
MUST_CHECK bool page_parse(struct page *page, const char *body, size_t length, const char *what,
                           struct error *err);

/* Also for CLEANUP() and zeroed pages. */
void page_clear(struct page *page);

#endif
