#include "chat/managed_identity.h"

#include "base/memory.h"
#include "chat/json_text.h"
#include "chat/token_answer.h"
#include "chat/url.h"

#include <jansson.h>
#include <string.h>

const char managed_identity_header[] = "Metadata: true";

void managed_identity_url(struct text *url, const char *metadata_endpoint, const char *which)
{
    url_add_endpoint(url, metadata_endpoint);
    text_add(url, "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=");
    url_add_encoded(url, "https://communication.azure.com/");
    if (strcmp(which, "system") == 0)
        return;
    text_add(url, "&client_id=");
    url_add_encoded(url, which);
}

static void describe_refusal(const struct http_reply *reply, struct error *err)
{
    char code[48], words[120];
    json_t *answer = json_loadb(reply->body, reply->body_length, 0, NULL);
    json_text_copy(code, sizeof code, json_object_get(answer, "error"));
    json_text_copy(words, sizeof words, json_object_get(answer, "error_description"));
    json_decref(answer);
    error_set(err, "the metadata service answered %d%s%s%s%s", reply->status, code[0] ? " " : "",
              code, words[0] ? ": " : "", words);
}

char *managed_identity_read(const struct http_reply *reply, struct error *err)
{
    if (reply->progress != HTTP_ANSWERED) {
        error_set(err, "no answer from the metadata service: %s", reply->failure_text);
        return NULL;
    }
    if (reply->status != 200) {
        describe_refusal(reply, err);
        return NULL;
    }
    json_t *answer = json_loadb(reply->body, reply->body_length, 0, NULL);
    json_t *token = json_object_get(answer, "access_token");
    const char *text = json_string_value(token);
    bool good = text && token_is_usable(text, json_string_length(token));
    char *found = good ? xstrdup(text) : NULL;
    json_decref(answer);
    if (!found)
        error_set(err, "the metadata service's answer holds no access_token");
    return found;
}
