#include "chat/token_answer.h"

#include "base/instant.h"
#include "base/memory.h"
#include "base/secret_file.h"
#include "chat/jwt.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

bool token_is_usable(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] >= 0x7f)
            return false;
    return length > 0 && length <= TOKEN_LONGEST;
}

static bool take(const char *text, size_t length, struct fresh_token *token, struct error *err)
{
    if (!token_is_usable(text, length))
        return error_set(err, "the token is not one word of at most %d bytes", TOKEN_LONGEST);
    token->text = xmemdup0(text, length);
    token->expires_at = MSEC_NEVER;
    jwt_expiry(token->text, &token->expires_at);
    return true;
}

static bool take_expiry(const json_t *expires_on, struct fresh_token *token, struct error *err)
{
    if (!expires_on || json_is_null(expires_on))
        return true;
    const char *text = json_string_value(expires_on);
    return (text && instant_parse_rfc3339(text, &token->expires_at)) ||
           error_set(err, "\"expiresOn\" is not a time such as 2026-11-22T22:00:00Z");
}

static bool take_object(const json_t *object, struct fresh_token *token, struct error *err)
{
    const json_t *text = json_object_get(object, "token");
    if (!json_is_string(text))
        return error_set(err, "there is no \"token\" in it");
    if (take(json_string_value(text), json_string_length(text), token, err) &&
        take_expiry(json_object_get(object, "expiresOn"), token, err))
        return true;
    secret_wipe(token->text);
    token->text = NULL;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool token_answer_parse(const char *bytes, size_t length, struct fresh_token *token,
                        struct error *err)
{
    *token = (struct fresh_token){ 0 };
    json_t *object = json_loadb(bytes, length, 0, NULL);
    bool taken = object ? take_object(object, token, err) : error_set(err, "it is not whole JSON");
    json_decref(object);
    return taken;
}

bool token_output_parse(const char *bytes, size_t length, struct fresh_token *token,
                        struct error *err)
{
    *token = (struct fresh_token){ 0 };
    while (length > 0 && is_blank(bytes[length - 1]))
        length--;
    while (length > 0 && is_blank(*bytes)) {
        bytes++;
        length--;
    }
    if (length > 0 && *bytes == '{')
        return token_answer_parse(bytes, length, token, err);
    return take(bytes, length, token, err);
}
