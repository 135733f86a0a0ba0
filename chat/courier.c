#include "chat/courier.h"

#include "base/memory.h"
#include "chat/api.h"
#include "chat/http.h"
#include "chat/inspect.h"
#include "chat/look.h"
#include "chat/post.h"
#include "chat/question.h"
#include "chat/sender.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Senders of one reading of the settings, or what is left of them. */
struct sender_list {
    struct sender **senders;
    size_t count;
};

struct chat {
    struct chat_setup setup; /* user_agent is not kept */
    struct http *http;
    struct api *api;
    struct posts *posts;
    struct looks *looks;
    struct inspections *inspections;
    struct questions *questions;
    struct sender_list current;
    struct sender_list retired; /* no longer in the settings, but work under way needed them */
};

static void kernel_random(void *context, void *bytes, size_t count)
{
    (void)context;
    if (getrandom(bytes, count, 0) != (ssize_t)count)
        abort(); /* asked for up to 256 bytes it does not fail (getrandom(2)) */
}

struct chat *chat_new(const struct chat_setup *setup, struct error *err)
{
    struct http *http = http_new(setup->loop, setup->user_agent, err);
    if (!http)
        return NULL;
    struct chat *chat = xcalloc(1, sizeof *chat);
    chat->setup = *setup;
    chat->setup.user_agent = NULL;
    if (!setup->random)
        chat->setup.random = kernel_random;
    chat->http = http;
    chat->api = api_new(&chat->setup, http);
    chat->posts = posts_new(chat->api, setup->clock);
    chat->looks = looks_new(chat->api, setup->loop, setup->clock);
    chat->inspections = inspections_new(chat->api, setup->clock);
    chat->questions = questions_new(chat->api, setup->clock);
    return chat;
}

static void list_add(struct sender_list *list, struct sender *sender)
{
    list->senders = xreallocarray(list->senders, list->count + 1, sizeof(struct sender *));
    list->senders[list->count++] = sender;
}

static void list_clear(struct sender_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        sender_free(list->senders[i]);
    free(list->senders);
    *list = (struct sender_list){ 0 };
}

void chat_free(struct chat *chat)
{
    if (!chat)
        return;
    http_free(chat->http); /* first: nothing comes back from now on */
    api_free(chat->api);
    posts_free(chat->posts);
    looks_free(chat->looks);
    inspections_free(chat->inspections);
    questions_free(chat->questions);
    list_clear(&chat->current);
    list_clear(&chat->retired);
    free(chat);
}

static struct sender *find(const struct sender_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->senders[i]->name, name) == 0)
            return list->senders[i];
    return NULL;
}

static bool check(const struct chat_sender *senders, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!sender_check(&senders[i], err))
            return false;
        for (size_t other = 0; other < i; other++)
            if (strcmp(senders[i].name, senders[other].name) == 0)
                return error_set(err, "sender %s: there are two of this name", senders[i].name);
    }
    return true;
}

/* Take the sender with these very settings out of the list; NULL when there is none. */
static struct sender *take_same(struct sender_list *list, const struct chat_sender *settings)
{
    for (size_t i = 0; i < list->count; i++) {
        struct sender *sender = list->senders[i];
        if (!sender_has_settings(sender, settings))
            continue;
        list->senders[i] = list->senders[--list->count];
        return sender;
    }
    return NULL;
}

/* Move to `kept` those of `list` that work under way still needs; free the others. */
static void retire(struct sender_list *list, struct sender_list *kept)
{
    for (size_t i = 0; i < list->count; i++) {
        token_keeper_retire(list->senders[i]->tokens);
        if (sender_is_busy(list->senders[i]))
            list_add(kept, list->senders[i]);
        else
            sender_free(list->senders[i]);
    }
    free(list->senders);
    *list = (struct sender_list){ 0 };
}

bool chat_configure(struct chat *chat, const struct chat_sender *senders, size_t count,
                    struct error *err)
{
    if (!check(senders, count, err))
        return false;
    struct sender_list fresh = { 0 }, needed = { 0 };
    for (size_t i = 0; i < count; i++) {
        struct sender *same = take_same(&chat->current, &senders[i]);
        list_add(&fresh, same ? same : sender_new(&chat->setup, chat->http, &senders[i]));
    }
    retire(&chat->current, &needed);
    retire(&chat->retired, &needed);
    chat->retired = needed;
    chat->current = fresh;
    return true;
}

void chat_know_authors(struct chat *chat, const char *authors)
{
    looks_know_authors(chat->looks, authors);
}

bool chat_token_status(const struct chat *chat, const char *sender, struct token_status *status)
{
    const struct sender *found = find(&chat->current, sender);
    if (found)
        *status = token_status(found->tokens);
    return found != NULL;
}

static void courier_send(void *self, const struct parcel *parcel, courier_done *done, void *context)
{
    struct chat *chat = self;
    posts_start(chat->posts, find(&chat->current, parcel->sender), parcel, done, context);
}

static void courier_look(void *self, const struct look *look, look_done *done, void *context)
{
    struct chat *chat = self;
    looks_start(chat->looks, find(&chat->current, look->sender), look, done, context);
}

static void courier_inspect(void *self, const struct inspection *inspection, inspect_done *done,
                            void *context)
{
    struct chat *chat = self;
    inspections_start(chat->inspections, find(&chat->current, inspection->sender), inspection, done,
                      context);
}

struct courier chat_courier(struct chat *chat)
{
    return (struct courier){
        .send = courier_send, .look = courier_look, .inspect = courier_inspect, .self = chat
    };
}

void chat_ask(struct chat *chat, const struct question *question, question_done *done,
              void *context)
{
    questions_start(chat->questions, find(&chat->current, question->sender), question, done,
                    context);
}
