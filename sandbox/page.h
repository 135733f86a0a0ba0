/*
 * page.h - long answers in parts
 */
#ifndef CHATRELAY_SANDBOX_PAGE_H
#define CHATRELAY_SANDBOX_PAGE_H

#include "sandbox/call.h"

/* ACS: list pages hold at most 200. */
enum { PAGE_LARGEST = 200 };

/* What a request asks for. */
struct page {
    int64_t size;    /* maxPageSize, 1 to PAGE_LARGEST */
    int64_t skip;    /* of lists that count */
    int64_t before;  /* of lists of messages: ids below this one; INT64_MAX at first */
    msec_t start_at; /* startTime; 0 when not given */
};

/* False when a parameter is malformed; the answer then says so. */
bool page_read(const struct call *call, struct page *page, struct answer *answer);

/*
 * The absolute URL of the page that `next` describes, with this request's other
 * parameters. To be freed.
 */
char *page_link(const struct call *call, const struct page *next);

/* {"value":[...], "nextLink"}: takes `values` over; without a link when `next` is NULL. */
void page_answer(const struct call *call, struct answer *answer, json_t *values,
                 const struct page *next);

#endif
