#include "setup/member.h"

#include "base/memory.h"
#include "chat/json_text.h"
#include "chat/messages.h"
#include "chat/new_thread.h"
#include "chat/next_link.h"
#include "chat/thread.h"
#include "setup/answer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_REPLY = 4 * 1024 * 1024,
    CONNECT_TIMEOUT_MS = 10 * 1000,
    TIMEOUT_MS = 30 * 1000,
    MOST_PAGES = 100,
    PAGE_SIZE = 50, /* of messages */
};

struct question {
    enum http_method method;
    const char *url;
    const char *body;   /* JSON, NULL for none */
    const char *header; /* that makes it repeatable, or NULL */
    int wanted;         /* the status that means success */
};

static enum status ask(const struct member *member, const struct question *question,
                       struct web_reply *reply, struct error *err)
{
    const struct http_request request = {
        .method = question->method,
        .url = question->url,
        .bearer = member->token,
        .headers = { "Accept: application/json",
                     question->body ? "Content-Type: application/json" : NULL, question->header },
        .body = question->body,
        .body_length = question->body ? strlen(question->body) : 0,
        .ca_file = member->ca_file,
        .proxy = member->proxy,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .longest_reply = LONGEST_REPLY,
    };
    /* ACS: what has a repeatability-request-id is done once, however often it is asked for. */
    bool is_repeatable = question->method == HTTP_GET || question->header;
    web_ask(member->web, &request, is_repeatable ? WEB_REPEATABLE : WEB_ONCE, reply);
    return answer_judge(&reply->said, question->wanted, "the chat", err);
}

/* ---- threads -------------------------------------------------------------------------------- */

enum status member_make_thread(const struct member *member, const char *topic,
                               const char *request_id, char **id, struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(text_clear) struct text body = { 0 };
    CLEANUP(web_reply_clear) struct web_reply reply = { 0 };
    CLEANUP(free_memory)
    char *header = xasprintf("repeatability-request-id: %s", request_id);
    new_thread_url(&url, member->endpoint);
    new_thread_body(&body, topic);
    const struct question question = { HTTP_POST, url.bytes, body.bytes, header, 201 };
    enum status status = ask(member, &question, &reply, err);
    if (status != STATUS_DONE)
        return status;
    *id = new_thread_parse(reply.body, reply.said.body_length, reply.location, err);
    return *id ? STATUS_DONE : STATUS_PROTOCOL;
}

enum status member_see_thread(const struct member *member, const char *thread,
                              struct thread_properties *properties, struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(web_reply_clear) struct web_reply reply = { 0 };
    thread_url(&url, member->endpoint, thread, member->api_version);
    const struct question question = { HTTP_GET, url.bytes, NULL, NULL, 200 };
    enum status status = ask(member, &question, &reply, err);
    if (status != STATUS_DONE)
        return status;
    return thread_parse(properties, reply.body, reply.said.body_length, err) ? STATUS_DONE
                                                                             : STATUS_PROTOCOL;
}

/* ---- lists in pages ------------------------------------------------------------------------- */

/* Take a page in. `*next` is where it says the next one is, borrowed; NULL: nowhere. */
typedef bool take_page(void *list, const char *body, size_t length, const char **next,
                       struct error *err);

static enum status ask_pages(const struct member *member, const char *first, take_page *take,
                             void *list, struct error *err)
{
    CLEANUP(free_memory) char *url = xstrdup(first);
    for (int i = 0; i < MOST_PAGES; i++) {
        CLEANUP(web_reply_clear) struct web_reply reply = { 0 };
        const char *next = NULL;
        const struct question question = { HTTP_GET, url, NULL, NULL, 200 };
        enum status status = ask(member, &question, &reply, err);
        if (status != STATUS_DONE)
            return status;
        if (!take(list, reply.body, reply.said.body_length, &next, err))
            return STATUS_PROTOCOL;
        if (!next)
            return STATUS_DONE;
        char *there = next_link_resolve(url, next, err);
        if (!there)
            return STATUS_PROTOCOL;
        bool is_last = strcmp(there, url) == 0; /* it leads to itself */
        replace_text(&url, there);
        if (is_last)
            return STATUS_DONE;
    }
    error_set(err, "the list has more than %d pages", MOST_PAGES);
    return STATUS_PROTOCOL;
}

static bool take_threads(void *list, const char *body, size_t length, const char **next,
                         struct error *err)
{
    struct thread_list *threads = list;
    bool good = thread_list_parse(threads, body, length, err);
    *next = threads->next_link;
    return good;
}

enum status member_list_threads(const struct member *member, struct thread_list *list,
                                struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    thread_list_url(&url, member->endpoint, member->api_version);
    return ask_pages(member, url.bytes, take_threads, list, err);
}

static bool take_people(void *list, const char *body, size_t length, const char **next,
                        struct error *err)
{
    struct participants *people = list;
    bool good = participants_parse(people, body, length, err);
    *next = people->next_link;
    return good;
}

enum status member_list_people(const struct member *member, const char *thread,
                               struct participants *people, struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    participants_list_url(&url, member->endpoint, thread, member->api_version, 0);
    return ask_pages(member, url.bytes, take_people, people, err);
}

/* ---- people --------------------------------------------------------------------------------- */

enum status member_add(const struct member *member, const char *thread, const char *identity,
                       const char *name, msec_t history_from_at, struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(text_clear) struct text body = { 0 };
    CLEANUP(web_reply_clear) struct web_reply reply = { 0 };
    participants_add_url(&url, member->endpoint, thread, member->api_version);
    participants_add_body(&body, identity, name, history_from_at);
    const struct question question = { HTTP_POST, url.bytes, body.bytes, NULL, 201 };
    enum status status = ask(member, &question, &reply, err);
    if (status != STATUS_DONE)
        return status;
    return participants_added(reply.body, reply.said.body_length, err) ? STATUS_DONE
                                                                       : STATUS_NOT_FOUND;
}

enum status member_remove(const struct member *member, const char *thread, const char *identity,
                          struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(text_clear) struct text body = { 0 };
    CLEANUP(web_reply_clear) struct web_reply reply = { 0 };
    participants_remove_url(&url, member->endpoint, thread, member->api_version);
    participants_remove_body(&body, identity);
    const struct question question = { HTTP_POST, url.bytes, body.bytes, NULL, 204 };
    return ask(member, &question, &reply, err);
}

/* ---- messages ------------------------------------------------------------------------------- */

enum status member_post(const struct member *member, const char *thread,
                        const struct message *message, struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(text_clear) struct text body = { 0 };
    CLEANUP(web_reply_clear) struct web_reply reply = { 0 };
    messages_send_url(&url, member->endpoint, thread, member->api_version);
    messages_send_body(&body, message, NULL);
    const struct question question = { HTTP_POST, url.bytes, body.bytes, NULL, 201 };
    return ask(member, &question, &reply, err);
}

static bool is_meant(const json_t *message, const char *stamp)
{
    const char *type = json_string_value(json_object_get(message, "type"));
    const json_t *metadata = json_object_get(message, "metadata");
    const char *found = json_string_value(json_object_get(metadata, messages_stamp_key));
    if (*stamp)
        return found && strcmp(found, stamp) == 0;
    return type && (strcmp(type, "text") == 0 || strcmp(type, "html") == 0);
}

static char *text_of(const json_t *string)
{
    const char *text = json_string_value(string);
    return xstrdup(text ? text : "");
}

static void read_shown(const json_t *message, struct shown *shown)
{
    const json_t *content = json_object_get(message, "content");
    shown->content = text_of(json_object_get(content, "message"));
    shown->name = text_of(json_object_get(message, "senderDisplayName"));
    shown->created_at = json_text_instant(json_object_get(message, "createdOn"));
}

enum status member_find(const struct member *member, const char *thread, const char *stamp,
                        struct shown *shown, struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(web_reply_clear) struct web_reply reply = { 0 };
    messages_list_url(&url, member->endpoint, thread, member->api_version, PAGE_SIZE, 0);
    const struct question question = { HTTP_GET, url.bytes, NULL, NULL, 200 };
    enum status status = ask(member, &question, &reply, err);
    if (status != STATUS_DONE)
        return status;
    json_t *page = json_loadb(reply.body, reply.said.body_length, 0, NULL);
    const json_t *messages = json_object_get(page, "value");
    const json_t *meant = NULL;
    for (size_t i = 0; !meant && i < json_array_size(messages); i++)
        if (is_meant(json_array_get(messages, i), stamp))
            meant = json_array_get(messages, i);
    if (meant)
        read_shown(meant, shown);
    else if (json_is_array(messages))
        error_set(err, "the message is not among the newest %d of the thread", (int)PAGE_SIZE);
    else
        error_set(err, "the chat's answer is not a page of messages");
    status = meant ? STATUS_DONE : json_is_array(messages) ? STATUS_NOT_FOUND : STATUS_PROTOCOL;
    json_decref(page);
    return status;
}

void shown_clear(struct shown *shown)
{
    free(shown->content);
    free(shown->name);
    *shown = (struct shown){ 0 };
}
