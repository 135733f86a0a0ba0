#include "chat/thread_list.h"

#include "base/memory.h"
#include "chat/json_text.h"
#include "chat/page.h"
#include "chat/url.h"

#include <jansson.h>
#include <stdlib.h>

void thread_list_url(struct text *url, const char *endpoint, const char *api_version)
{
    url_add_endpoint(url, endpoint);
    text_add(url, "/chat/threads");
    url_add_version(url, api_version);
}

/* What has no id is passed over. */
static void add(struct thread_list *list, const json_t *item)
{
    const char *id = json_string_value(json_object_get(item, "id"));
    if (!id || !*id)
        return;
    list->threads = xreallocarray(list->threads, list->count + 1, sizeof *list->threads);
    struct listed_thread *thread = &list->threads[list->count++];
    *thread = (struct listed_thread){
        .id = xstrdup(id),
        .last_at = json_text_instant(json_object_get(item, "lastMessageReceivedOn")),
        .deleted_at = json_text_instant(json_object_get(item, "deletedOn")),
    };
    json_text_copy(thread->topic, sizeof thread->topic, json_object_get(item, "topic"));
}

bool thread_list_parse(struct thread_list *list, const char *body, size_t length, struct error *err)
{
    CLEANUP(page_clear) struct page page;
    bool is_page = page_parse(&page, body, length, "threads", err);
    for (size_t i = 0; i < json_array_size(page.items); i++)
        add(list, json_array_get(page.items, i));
    free(list->next_link);
    list->next_link = xstrdup_or_null(page.next_link);
    return is_page;
}

void thread_list_clear(struct thread_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->threads[i].id);
    free(list->threads);
    free(list->next_link);
    *list = (struct thread_list){ 0 };
}
