/*
 * api.h - requests to the chat's API with a sender's access token
 *
 *     api_call -> a token at hand? -- yes --------------> http -> done
 *                      | no                                ^
 *                      +--> ask its keeper, wait for it ---+--> done, saying why not
 *
 * A token that the chat refuses (401) is discarded here, whatever was asked. And it goes to its
 * sender's endpoint alone: settings may give a sender another one while somebody still wants to
 * ask at the old.
 */
#ifndef CHATRELAY_CHAT_API_H
#define CHATRELAY_CHAT_API_H

#include "chat/http.h"
#include "chat/sender.h"
#include "queue/courier.h"

struct api;

struct api_request {
    enum http_method method;
    const char *url;
    const char *body;         /* JSON, NULL for none */
    const char *content_type; /* the header of the body; NULL: of application/json */
    size_t body_length;
    size_t longest_reply;
};

/*
 * Either the chat's `reply`, or NULL and `unsent`: there was no token to ask
 * with, or none that may go there. Both are valid during the call only.
 */
typedef void api_done(void *context, const struct http_reply *reply, const struct delivery *unsent);

/* Of `setup`, loop and random are used. `http` is borrowed. */
struct api *api_new(const struct chat_setup *setup, struct http *http);

/* After http_free(), so that nothing comes back; nobody is called. NULL is fine. */
void api_free(struct api *api);

/*
 * `sender` (NULL: there is none of that name) and what `request` points to are
 * borrowed until `done`, which is called exactly once, from the loop.
 */
void api_call(struct api *api, struct sender *sender, const struct api_request *request,
              api_done *done, void *context);

#endif
