#include "chat/post.h"

#include "base/memory.h"
#include "base/text.h"
#include "chat/messages.h"
#include "chat/verdict.h"

#include <stdlib.h>
#include <sys/queue.h>

enum { LONGEST_REPLY = 64 * 1024 };

struct post {
    LIST_ENTRY(post) links;
    struct posts *posts;
    struct sender *sender;
    const struct message *message; /* the caller's */
    struct text url, body;
    courier_done *done;
    void *context;
};

struct posts {
    struct api *api;
    const struct clock *clock;
    LIST_HEAD(, post) under_way;
};

struct posts *posts_new(struct api *api, const struct clock *clock)
{
    struct posts *posts = xcalloc(1, sizeof *posts);
    posts->api = api;
    posts->clock = clock;
    LIST_INIT(&posts->under_way);
    return posts;
}

static void post_free(struct post *post)
{
    if (post->sender)
        post->sender->users--;
    LIST_REMOVE(post, links);
    text_clear(&post->url);
    text_clear(&post->body);
    free(post);
}

void posts_free(struct posts *posts)
{
    if (!posts)
        return;
    for (struct post *post = LIST_FIRST(&posts->under_way), *next = NULL; post; post = next) {
        next = LIST_NEXT(post, links);
        post_free(post);
    }
    free(posts);
}

static struct delivery judge(const struct message *message, const struct http_reply *reply,
                             msec_t now_at)
{
    return message_kind_repeats(message->kind) ? verdict_of_change(reply, message, now_at)
                                               : verdict_of_send(reply, now_at);
}

static void on_reply(void *context, const struct http_reply *reply, const struct delivery *unsent)
{
    struct post *post = context;
    msec_t now_at = clock_now(post->posts->clock).at;
    struct delivery delivery = reply ? judge(post->message, reply, now_at) : *unsent;
    courier_done *done = post->done;
    void *done_context = post->context;
    post_free(post);
    done(done_context, &delivery);
}

static void write_request(struct post *post, const struct parcel *parcel)
{
    const struct sender *sender = post->sender;
    const struct message *message = parcel->message;
    if (message_kind_repeats(message->kind))
        messages_one_url(&post->url, parcel->endpoint, parcel->thread, sender->api_version,
                         message->remote_id);
    else
        messages_send_url(&post->url, parcel->endpoint, parcel->thread, sender->api_version);
    if (message->kind == MESSAGE_UPDATE)
        messages_update_body(&post->body, message);
    else if (message->kind != MESSAGE_DELETE)
        messages_send_body(&post->body, message, sender->display_name);
}

static enum http_method method_of(enum message_kind kind)
{
    if (kind == MESSAGE_UPDATE)
        return HTTP_PATCH;
    return kind == MESSAGE_DELETE ? HTTP_DELETE : HTTP_POST;
}

void posts_start(struct posts *posts, struct sender *sender, const struct parcel *parcel,
                 courier_done *done, void *context)
{
    struct post *post = xcalloc(1, sizeof *post);
    *post = (struct post){ .posts = posts,
                           .sender = sender,
                           .message = parcel->message,
                           .done = done,
                           .context = context };
    LIST_INSERT_HEAD(&posts->under_way, post, links);
    if (sender) {
        sender->users++;
        write_request(post, parcel);
    }
    struct api_request request = {
        .method = method_of(parcel->message->kind),
        .url = post->url.bytes,
        .body = post->body.bytes,
        .body_length = post->body.length,
        /* ACS: Update Chat Message takes no other. */
        .content_type = parcel->message->kind == MESSAGE_UPDATE
                            ? "Content-Type: application/merge-patch+json"
                            : NULL,
        .longest_reply = LONGEST_REPLY,
    };
    api_call(posts->api, sender, &request, on_reply, post);
}
