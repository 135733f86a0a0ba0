#include "sandbox/page.h"

#include "base/attributes.h"
#include "base/instant.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(const struct call *call, struct answer *answer, const char *name)
{
    CLEANUP(free_memory) char *message = xasprintf("The value of %s is not valid.", name);
    call_refuse(call, answer, 400, message);
    return false;
}

static bool read_number(const struct call *call, const char *name, int64_t least, int64_t *number,
                        struct answer *answer)
{
    const char *text = call_query(call, name);
    if (!text)
        return true;
    char *rest = NULL;
    errno = 0;
    *number = strtoll(text, &rest, 10);
    return (errno == 0 && *text && !*rest && *number >= least) || refuse(call, answer, name);
}

bool page_read(const struct call *call, struct page *page, struct answer *answer)
{
    *page = (struct page){ .size = PAGE_LARGEST, .before = INT64_MAX };
    if (!read_number(call, "maxPageSize", 1, &page->size, answer) ||
        !read_number(call, "skip", 0, &page->skip, answer) ||
        !read_number(call, "syncState", 0, &page->before, answer))
        return false;
    if (page->size > PAGE_LARGEST)
        page->size = PAGE_LARGEST;
    const char *start = call_query(call, "startTime");
    return !start || instant_parse_rfc3339(start, &page->start_at) ||
           refuse(call, answer, "startTime");
}

static void add_parameter(struct text *link, const char *name, const char *value)
{
    CLEANUP(free_memory) char *encoded = evhttp_uriencode(value, -1, 0);
    text_printf(link, "%c%s=%s", strchr(link->bytes, '?') ? '&' : '?', name, encoded);
}

static void add_number(struct text *link, const char *name, int64_t number)
{
    CLEANUP(free_memory) char *value = xasprintf("%" PRId64, number);
    add_parameter(link, name, value);
}

char *page_link(const struct call *call, const struct page *next)
{
    struct text link = { 0 };
    CLEANUP(free_memory) char *endpoint = call_endpoint(call);
    text_add(&link, endpoint);
    text_append(&link, call->target, strcspn(call->target, "?"));

    if (next->skip > 0)
        add_number(&link, "skip", next->skip);
    if (next->before < INT64_MAX)
        add_number(&link, "syncState", next->before);
    if (call_query(call, "startTime"))
        add_parameter(&link, "startTime", call_query(call, "startTime"));
    add_number(&link, "maxPageSize", next->size);
    add_parameter(&link, "api-version", call_query(call, "api-version"));
    return text_take(&link);
}

void page_answer(const struct call *call, struct answer *answer, json_t *values,
                 const struct page *next)
{
    json_t *json = json_pack("{s:o}", "value", values);
    if (call->repeat_next_link) {
        CLEANUP(free_memory) char *endpoint = call_endpoint(call);
        CLEANUP(free_memory) char *link = xasprintf("%s%s", endpoint, call->target);
        json_object_set_new(json, "nextLink", json_string(link));
    } else if (next) {
        CLEANUP(free_memory) char *link = page_link(call, next);
        json_object_set_new(json, "nextLink", json_string(link));
    }
    answer_json(answer, 200, json);
}
