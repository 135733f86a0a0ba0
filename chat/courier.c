#include "chat/courier.h"

#include "base/memory.h"
#include "chat/api.h"
#include "chat/look.h"
#include "chat/post.h"
#include "chat/sender.h"

#include <stdlib.h>
#include <string.h>

/* Senders of one reading of the settings, or what is left of them. */
struct sender_list {
    struct sender **senders;
    size_t count;
};

struct chat {
    struct event_base *loop;
    const struct clock *clock;
    struct api *api;
    struct posts *posts;
    struct looks *looks;
    struct sender_list current;
    struct sender_list retired; /* no longer in the settings, but work under way needed them */
};

struct chat *chat_new(const struct chat_setup *setup, struct error *err)
{
    struct api *api = api_new(setup, err);
    if (!api)
        return NULL;
    struct chat *chat = xcalloc(1, sizeof *chat);
    chat->loop = setup->loop;
    chat->clock = setup->clock;
    chat->api = api;
    chat->posts = posts_new(api, setup->clock);
    chat->looks = looks_new(api, setup->loop, setup->clock, setup->page_pause_ms);
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
    api_free(chat->api);
    posts_free(chat->posts);
    looks_free(chat->looks);
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

static bool add_sender(struct sender_list *list, const struct chat *chat,
                       const struct chat_sender *settings, struct error *err)
{
    struct sender *sender = sender_new(chat->loop, chat->clock, settings, err);
    if (!sender)
        return false;
    if (find(list, sender->name)) {
        sender_free(sender);
        return error_set(err, "sender %s: there are two of this name", settings->name);
    }
    list_add(list, sender);
    return true;
}

/* Move to `kept` those of `list` that work under way still needs; free the others. */
static void retire(struct sender_list *list, struct sender_list *kept)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->senders[i]->users > 0)
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
    CLEANUP(list_clear) struct sender_list fresh = { 0 };
    for (size_t i = 0; i < count; i++)
        if (!add_sender(&fresh, chat, &senders[i], err))
            return false;

    struct sender_list needed = { 0 };
    retire(&chat->current, &needed);
    retire(&chat->retired, &needed);
    chat->retired = needed;
    chat->current = fresh;
    fresh = (struct sender_list){ 0 };
    return true;
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

struct courier chat_courier(struct chat *chat)
{
    return (struct courier){ .send = courier_send, .look = courier_look, .self = chat };
}
