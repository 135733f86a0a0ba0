#include "setup/resource.h"

#include "base/memory.h"
#include "chat/connection_string.h"
#include "chat/identity.h"
#include "chat/new_identity.h"
#include "chat/signed_request.h"
#include "config/endpoint.h"
#include "setup/answer.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_REPLY = 64 * 1024, CONNECT_TIMEOUT_MS = 10 * 1000, TIMEOUT_MS = 30 * 1000 };

static const msec_t token_lifetime_ms = 24LL * 60 * 60 * 1000;
static const char service_name[] = "the identity service";

/* ---- keys ----------------------------------------------------------------------------------- */

/* The endpoint of both strings is one. */
static bool take_endpoint(struct resource *resource, const char *text, struct error *err)
{
    char *endpoint = endpoint_normal(text, err);
    if (!endpoint)
        return error_prefix(err, "the endpoint");
    bool fits = !resource->endpoint || strcmp(resource->endpoint, endpoint) == 0;
    if (resource->endpoint)
        free(endpoint);
    else
        resource->endpoint = endpoint;
    return fits || error_set(err, "the two connection strings have different endpoints");
}

static bool take_word(struct resource *resource, const char *word, struct error *err)
{
    struct access_key *key = &resource->keys[resource->key_count];
    struct connection_string parts;
    if (resource->endpoint && !strchr(word, ';')) {
        resource->key_count++;
        return access_key_parse(word, key, err);
    }
    if (!connection_string_parse(word, &parts, err))
        return false;
    *key = parts.key;
    resource->key_count++;
    bool fits = take_endpoint(resource, parts.endpoint, err);
    connection_string_clear(&parts);
    return fits;
}

enum status resource_read(struct resource *resource, char *const words[], size_t count,
                          const char *endpoint, struct error *err)
{
    bool good = !endpoint || take_endpoint(resource, endpoint, err);
    for (size_t i = 0; good && i < count && i < RESOURCE_MOST_KEYS; i++)
        good = take_word(resource, words[i], err);
    if (good)
        return STATUS_DONE;
    resource_clear(resource);
    return STATUS_BAD_DATA;
}

void resource_clear(struct resource *resource)
{
    free(resource->endpoint);
    resource->endpoint = NULL;
    for (size_t i = 0; i < RESOURCE_MOST_KEYS; i++)
        access_key_wipe(&resource->keys[i]);
    resource->key_count = 0;
}

/* ---- questions ------------------------------------------------------------------------------ */

struct question {
    enum http_method method;
    const struct text *url, *body;
    int wanted; /* the status that means success */
    enum web_repeat repeat;
};

static void ask_with(const struct resource *resource, const struct access_key *key,
                     const struct question *question, struct web_reply *reply)
{
    struct hmac_headers headers;
    struct http_request request = {
        .method = question->method,
        .url = question->url->bytes,
        .body = question->body->bytes,
        .body_length = question->body->length,
        .ca_file = resource->ca_file,
        .proxy = resource->proxy,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .longest_reply = LONGEST_REPLY,
    };
    signed_request_sign(&request, key, clock_now(&clock_system).at, &headers);
    web_ask(resource->web, &request, question->repeat, reply);
}

/* With one key after the other, until one is not refused. */
static enum status ask(const struct resource *resource, const struct question *question,
                       struct web_reply *reply, struct error *err)
{
    enum status status = STATUS_DENIED;
    for (size_t i = 0; i < resource->key_count && status == STATUS_DENIED; i++) {
        ask_with(resource, &resource->keys[i], question, reply);
        status = answer_judge(&reply->said, question->wanted, service_name, err);
    }
    if (status == STATUS_DENIED) {
        struct error said = *err;
        error_set(err,
                  "the access key is refused; is it still the one that the portal shows under "
                  "Keys, and is this machine's clock right? %s",
                  said.text);
    }
    return status;
}

enum status resource_make_identity(const struct resource *resource, char **identity,
                                   struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(text_clear) struct text body = { 0 };
    CLEANUP(web_reply_clear) struct web_reply reply = { 0 };
    new_identity_url(&url, resource->endpoint);
    text_add(&body, new_identity_body());
    const struct question question = { HTTP_POST, &url, &body, 201, WEB_ONCE };
    enum status status = ask(resource, &question, &reply, err);
    if (status != STATUS_DONE)
        return status;
    *identity = new_identity_parse(reply.body, reply.said.body_length, err);
    return *identity ? STATUS_DONE : STATUS_PROTOCOL;
}

enum status resource_mint(const struct resource *resource, const char *identity,
                          struct fresh_token *token, struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(text_clear) struct text body = { 0 };
    CLEANUP(web_reply_clear) struct web_reply reply = { 0 };
    identity_token_url(&url, resource->endpoint, identity);
    identity_token_body(&body, token_lifetime_ms);
    const struct question question = { HTTP_POST, &url, &body, 200, WEB_REPEATABLE };
    enum status status = ask(resource, &question, &reply, err);
    if (status == STATUS_NOT_FOUND || status == STATUS_BAD_DATA)
        error_prefix(err, "there is no identity %s (any more)", identity);
    if (status != STATUS_DONE)
        return status == STATUS_BAD_DATA ? STATUS_NOT_FOUND : status;
    return token_answer_parse(reply.body, reply.said.body_length, token, err) ? STATUS_DONE
                                                                              : STATUS_PROTOCOL;
}

enum status resource_end_identity(const struct resource *resource, const char *identity,
                                  struct error *err)
{
    CLEANUP(text_clear) struct text url = { 0 };
    CLEANUP(text_clear) struct text body = { 0 };
    CLEANUP(web_reply_clear) struct web_reply reply = { 0 };
    identity_end_url(&url, resource->endpoint, identity);
    const struct question question = { HTTP_DELETE, &url, &body, 204, WEB_ONCE };
    enum status status = ask(resource, &question, &reply, err);
    return status == STATUS_NOT_FOUND ? STATUS_DONE : status;
}
