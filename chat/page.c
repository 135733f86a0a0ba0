#include "chat/page.h"

#include "chat/lenient_json.h"

static bool is_link(const json_t *link)
{
    return !link || json_is_null(link) || json_is_string(link);
}

bool page_parse(struct page *page, const char *body, size_t length, const char *what,
                struct error *err)
{
    json_t *json = lenient_json_parse(body, length);
    const json_t *link = json_object_get(json, "nextLink");
    *page = (struct page){ .json = json, .items = json_object_get(json, "value") };
    if (json_is_array(page->items) && is_link(link)) {
        page->next_link = json_string_length(link) > 0 ? json_string_value(link) : NULL;
        return true;
    }
    page_clear(page);
    return error_set(err, "the answer is not a page of %s", what);
}

void page_clear(struct page *page)
{
    json_decref(page->json);
    *page = (struct page){ 0 };
}
