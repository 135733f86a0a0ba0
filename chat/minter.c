#include "chat/minter.h"

#include "base/memory.h"
#include "base/secret_file.h"
#include "chat/connection_string.h"
#include "chat/identity.h"
#include "chat/managed_identity.h"
#include "chat/signed_request.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>

enum { LONGEST_REPLY = 64 * 1024, MOST_KEYS = 2 };

struct minter {
    struct http *http;
    const struct clock *clock;
    char *key_file;
    char *credentials_directory;
    char *ca_file, *proxy;
    struct text url, body;
    struct text metadata_url; /* without a key file */
    msec_t connect_timeout_ms, request_timeout_ms;

    minter_done *done; /* NULL while it is idle */
    void *context;
    struct access_key keys[MOST_KEYS]; /* while it is busy */
    size_t key_count, tried;
    struct event later; /* pending while it is to fail in the next turn */
    struct error err;   /* why the latest key did not do */
};

static void end(struct minter *minter, struct fresh_token *token)
{
    minter_done *done = minter->done;
    minter->done = NULL;
    for (size_t i = 0; i < MOST_KEYS; i++)
        access_key_wipe(&minter->keys[i]);
    if (!token)
        error_prefix(&minter->err, "%s", minter->key_file ? minter->key_file : "managed_identity");
    done(minter->context, token, &minter->err);
}

static void on_later(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    end(context, NULL);
}

static void ask(struct minter *minter);

static void on_reply(void *context, const struct http_reply *reply)
{
    struct minter *minter = context;
    struct fresh_token token = { 0 };
    enum identity_verdict verdict = identity_read(
        reply, minter->key_file ? "access key" : "role of this machine", &token, &minter->err);
    if (verdict == IDENTITY_KEY_REFUSED && minter->tried < minter->key_count) {
        ask(minter);
        return;
    }
    end(minter, verdict == IDENTITY_TOKEN ? &token : NULL);
    secret_wipe(token.text);
}

static struct http_request request_of(const struct minter *minter)
{
    return (struct http_request){
        .method = HTTP_POST,
        .url = minter->url.bytes,
        .body = minter->body.bytes,
        .body_length = minter->body.length,
        .ca_file = minter->ca_file,
        .proxy = minter->proxy,
        .connect_timeout_ms = minter->connect_timeout_ms,
        .timeout_ms = minter->request_timeout_ms,
        .longest_reply = LONGEST_REPLY,
    };
}

/* Ask with the next key. */
static void ask(struct minter *minter)
{
    struct hmac_headers headers;
    struct http_request request = request_of(minter);
    signed_request_sign(&request, &minter->keys[minter->tried++], clock_now(minter->clock).at,
                        &headers);
    http_start(minter->http, &request, on_reply, minter);
}

/* ---- the machine's own identity ------------------------------------------------------------- */

static void ask_as(struct minter *minter, const char *bearer)
{
    struct http_request request = request_of(minter);
    request.bearer = bearer;
    request.headers[0] = "Accept: application/json";
    request.headers[1] = "Content-Type: application/json";
    http_start(minter->http, &request, on_reply, minter);
}

static void on_metadata(void *context, const struct http_reply *reply)
{
    struct minter *minter = context;
    char *bearer = managed_identity_read(reply, &minter->err);
    if (bearer)
        ask_as(minter, bearer);
    else
        end(minter, NULL);
    secret_wipe(bearer);
}

static void ask_machine(struct minter *minter)
{
    const struct http_request request = {
        .method = HTTP_GET,
        .url = minter->metadata_url.bytes,
        .headers = { managed_identity_header },
        .connect_timeout_ms = minter->connect_timeout_ms,
        .timeout_ms = minter->request_timeout_ms,
        .longest_reply = LONGEST_REPLY,
    };
    http_start(minter->http, &request, on_metadata, minter);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static bool read_keys(struct minter *minter)
{
    char *words[MOST_KEYS] = { NULL };
    struct file_version version;
    CLEANUP(free_memory)
    char *path = secret_file_path(minter->key_file, minter->credentials_directory, &minter->err);
    minter->key_count =
        path ? secret_file_read_words(path, words, MOST_KEYS, &version, &minter->err) : 0;
    bool good = minter->key_count > 0;
    for (size_t i = 0; i < minter->key_count; i++) {
        good = good && access_key_parse(words[i], &minter->keys[i], &minter->err);
        secret_wipe(words[i]);
    }
    return good;
}

void minter_start(struct minter *minter, minter_done *done, void *context)
{
    struct timeval at_once = { 0, 0 };
    minter->done = done;
    minter->context = context;
    minter->tried = 0;
    minter->err = (struct error){ 0 };
    if (!minter->key_file)
        ask_machine(minter);
    else if (read_keys(minter))
        ask(minter);
    else
        event_add(&minter->later, &at_once);
}

bool minter_is_busy(const struct minter *minter)
{
    return minter->done != NULL;
}

struct minter *minter_new(const struct minter_setup *setup)
{
    struct minter *minter = xcalloc(1, sizeof *minter);
    minter->http = setup->http;
    minter->clock = setup->clock;
    minter->key_file = xstrdup_or_null(setup->key_file);
    minter->credentials_directory = xstrdup_or_null(setup->credentials_directory);
    minter->ca_file = xstrdup_or_null(setup->ca_file);
    minter->proxy = xstrdup_or_null(setup->proxy);
    if (!setup->key_file)
        managed_identity_url(&minter->metadata_url, setup->metadata_endpoint,
                             setup->managed_identity);
    minter->connect_timeout_ms = setup->connect_timeout_ms;
    minter->request_timeout_ms = setup->request_timeout_ms;
    identity_token_url(&minter->url, setup->endpoint, setup->identity);
    identity_token_body(&minter->body, setup->lifetime_ms);
    event_assign(&minter->later, setup->loop, -1, 0, on_later, minter);
    return minter;
}

void minter_free(struct minter *minter)
{
    if (!minter)
        return;
    event_del(&minter->later);
    for (size_t i = 0; i < MOST_KEYS; i++)
        access_key_wipe(&minter->keys[i]);
    free(minter->key_file);
    free(minter->credentials_directory);
    free(minter->ca_file);
    free(minter->proxy);
    text_clear(&minter->metadata_url);
    text_clear(&minter->url);
    text_clear(&minter->body);
    free(minter);
}
