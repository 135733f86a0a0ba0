#include "chat/question.h"

#include "base/memory.h"
#include "base/text.h"
#include "chat/json_weight.h"
#include "chat/lenient_json.h"
#include "chat/messages.h"
#include "chat/next_link.h"
#include "chat/participants.h"
#include "chat/thread.h"
#include "chat/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct asked {
    LIST_ENTRY(asked) links;
    struct questions *questions;
    struct sender *sender;
    enum question_kind kind;
    char *url;
    question_done *done;
    void *context;
};

struct questions {
    struct api *api;
    const struct clock *clock;
    LIST_HEAD(, asked) under_way;
};

struct questions *questions_new(struct api *api, const struct clock *clock)
{
    struct questions *questions = xcalloc(1, sizeof *questions);
    questions->api = api;
    questions->clock = clock;
    LIST_INIT(&questions->under_way);
    return questions;
}

static void asked_free(struct asked *asked)
{
    if (asked->sender)
        asked->sender->users--;
    LIST_REMOVE(asked, links);
    free(asked->url);
    free(asked);
}

void questions_free(struct questions *questions)
{
    if (!questions)
        return;
    for (struct asked *asked = LIST_FIRST(&questions->under_way), *next = NULL; asked;
         asked = next) {
        next = LIST_NEXT(asked, links);
        asked_free(asked);
    }
    free(questions);
}

static bool is_page(enum question_kind kind)
{
    return kind == QUESTION_MESSAGES || kind == QUESTION_PARTICIPANTS;
}

/*
 * JSON takes a hundred times its length when it is read. A message's content is 28 KB,
 * which are six times as many where each character is escaped.
 */
static size_t longest_reply(enum question_kind kind)
{
    enum { PAGE_BYTES = 4 * 1024 * 1024, MESSAGE_BYTES = 256 * 1024, THREAD_BYTES = 64 * 1024 };
    static const size_t lengths[] = {
        [QUESTION_MESSAGES] = PAGE_BYTES,
        [QUESTION_MESSAGE] = MESSAGE_BYTES,
        [QUESTION_THREAD] = THREAD_BYTES,
        [QUESTION_PARTICIPANTS] = PAGE_BYTES,
    };
    return lengths[kind];
}

/* Some times what 200 messages of people are, and some MB once it is read. */
static bool is_too_long(const struct http_reply *reply)
{
    enum { HEAVIEST_REPLY = 50 * 1000 };
    return reply->body_cut || json_weight(reply->body, reply->body_length) > HEAVIEST_REPLY;
}

static const char *name_of(enum question_kind kind)
{
    static const char *const names[] = {
        [QUESTION_MESSAGES] = "List Chat Messages",
        [QUESTION_MESSAGE] = "Get Chat Message",
        [QUESTION_THREAD] = "Get Chat Thread Properties",
        [QUESTION_PARTICIPANTS] = "List Chat Participants",
    };
    return names[kind];
}

/* It came, but is of no use: whoever answers there is not the chat, or says too much. */
static void judge_useless(struct chat_answer *answer, enum question_kind kind, const char *code,
                          const char *reason)
{
    answer->body = NULL;
    answer->verdict.outcome = OUTCOME_REFUSED;
    answer->verdict.scope = SCOPE_ENDPOINT;
    snprintf(answer->verdict.code, sizeof answer->verdict.code, "%s", code);
    snprintf(answer->verdict.detail, sizeof answer->verdict.detail, "%s: %.100s", name_of(kind),
             reason);
}

/* A page has an array of objects, not too many, and perhaps a link; all else has an id. */
static bool has_form(const json_t *body, enum question_kind kind)
{
    const json_t *values = json_object_get(body, "value"), *value = NULL;
    size_t i = 0;
    if (!is_page(kind))
        return json_string_length(json_object_get(body, "id")) > 0;
    json_array_foreach(values, i, value)
    {
        if (!json_is_object(value))
            return false;
    }
    /* ACS: maxPageSize is the most a page has, and no page of messages has more than 200. */
    return json_is_array(values) &&
           (kind != QUESTION_MESSAGES || json_array_size(values) <= MESSAGES_LONGEST_PAGE);
}

/* Where the next page is; the caller frees it. A page that leads to itself is the last. */
static char *next_page(const struct asked *asked, struct chat_answer *answer)
{
    const char *link = json_string_value(json_object_get(answer->body, "nextLink"));
    struct error err;
    if (!is_page(asked->kind) || !link || !link[0])
        return NULL;
    char *next = next_link_resolve(asked->url, link, &err);
    if (!next)
        judge_useless(answer, asked->kind, "garbled", err.text);
    else if (strcmp(next, asked->url) == 0)
        replace_text(&next, NULL);
    return next;
}

/* What came, which the answer borrows and the caller drops; NULL when it was not even read. */
static json_t *read_body(const struct asked *asked, const struct http_reply *reply,
                         struct chat_answer *answer)
{
    if (is_too_long(reply)) {
        answer->too_long = true;
        judge_useless(answer, asked->kind, "too-long", "the answer is longer than we take");
        return NULL;
    }
    json_t *body = lenient_json_parse(reply->body, reply->body_length);
    answer->body = body;
    if (!has_form(body, asked->kind))
        judge_useless(answer, asked->kind, "garbled", "the answer is no such thing");
    return body;
}

static void on_reply(void *context, const struct http_reply *reply, const struct delivery *unsent)
{
    struct asked *asked = context;
    struct chat_answer answer = { 0 };
    msec_t now_at = clock_now(asked->questions->clock).at;
    json_t *body = NULL;

    answer.verdict = reply ? verdict_of_list(reply, now_at) : *unsent;
    if (reply && answer.verdict.outcome == OUTCOME_SENT)
        body = read_body(asked, reply, &answer);
    CLEANUP(free_memory) char *next = answer.body ? next_page(asked, &answer) : NULL;
    answer.next = next;
    question_done *done = asked->done;
    void *done_context = asked->context;
    asked_free(asked);
    done(done_context, &answer);
    json_decref(body);
}

static char *url_of(const struct question *question, const char *api_version)
{
    struct text url = { 0 };
    if (question->page)
        return xstrdup(question->page);
    switch (question->kind) {
    case QUESTION_MESSAGES:
        messages_list_url(&url, question->endpoint, question->thread, api_version,
                          question->page_size, 0);
        break;
    case QUESTION_MESSAGE:
        messages_one_url(&url, question->endpoint, question->thread, api_version,
                         question->message);
        break;
    case QUESTION_THREAD:
        thread_url(&url, question->endpoint, question->thread, api_version);
        break;
    case QUESTION_PARTICIPANTS:
        participants_list_url(&url, question->endpoint, question->thread, api_version,
                              question->page_size);
        break;
    }
    return text_take(&url);
}

void questions_start(struct questions *questions, struct sender *sender,
                     const struct question *question, question_done *done, void *context)
{
    struct asked *asked = xcalloc(1, sizeof *asked);
    *asked = (struct asked){ .questions = questions,
                             .sender = sender,
                             .kind = question->kind,
                             .done = done,
                             .context = context };
    LIST_INSERT_HEAD(&questions->under_way, asked, links);
    if (sender) {
        sender->users++;
        asked->url = url_of(question, sender->api_version);
    }
    const struct api_request request = { .method = HTTP_GET,
                                         .url = asked->url,
                                         .longest_reply = longest_reply(question->kind) };
    api_call(questions->api, sender, &request, on_reply, asked);
}
