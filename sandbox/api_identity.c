#include "sandbox/api_identity.h"

#include "base/memory.h"
#include "sandbox/timestamp.h"

#include <string.h>

/* ACS: a token lives 60 to 1440 minutes. */
enum { TOKEN_SHORTEST_MINUTES = 60, TOKEN_LONGEST_MINUTES = 1440 };

static const char *const known_scopes[] = { "chat", "voip", "chat.join", "chat.join.limited",
                                            "voip.join" };

static bool refuse(const struct call *call, struct answer *answer, const char *message)
{
    call_refuse(call, answer, 400, message);
    return false;
}

static bool is_known_scope(const char *scope)
{
    for (size_t i = 0; i < sizeof known_scopes / sizeof known_scopes[0]; i++)
        if (scope && strcmp(scope, known_scopes[i]) == 0)
            return true;
    return false;
}

/* An array of scopes, joined by commas. */
static bool read_scopes(const struct call *call, json_t *scopes, struct text *joined,
                        struct answer *answer)
{
    size_t index = 0;
    json_t *scope = NULL;
    json_array_foreach(scopes, index, scope)
    {
        const char *name = json_string_value(scope);
        if (!is_known_scope(name))
            return refuse(call, answer, "A scope is not known.");
        text_printf(joined, "%s%s", index > 0 ? "," : "", name);
    }
    return index > 0 || refuse(call, answer, "At least one scope is required.");
}

static bool read_lifetime(const struct call *call, msec_t *lifetime_ms, struct answer *answer)
{
    json_t *minutes = json_object_get(call->json, "expiresInMinutes");
    json_int_t value =
        minutes && !json_is_null(minutes) ? json_integer_value(minutes) : TOKEN_LONGEST_MINUTES;
    *lifetime_ms = value * 60 * 1000;
    return (value >= TOKEN_SHORTEST_MINUTES && value <= TOKEN_LONGEST_MINUTES) ||
           refuse(call, answer, "expiresInMinutes must be between 60 and 1440.");
}

/* The token that the body asks for by `scopes`, as {"token", "expiresOn"}. NULL: refused. */
static json_t *make_token(const struct call *call, const struct identity *identity, json_t *scopes,
                          struct answer *answer)
{
    CLEANUP(text_clear) struct text scope = { 0 };
    char expires_on[INSTANT_LONGEST_TEXT];
    msec_t lifetime_ms = 0, expires_at = 0;

    if (!read_scopes(call, scopes, &scope, answer) || !read_lifetime(call, &lifetime_ms, answer))
        return NULL;
    CLEANUP(free_memory)
    char *token = service_token(call->service, identity, scope.bytes, lifetime_ms, &expires_at);
    timestamp_expiry(expires_at, expires_on);
    return json_pack("{s:s, s:s}", "token", token, "expiresOn", expires_on);
}

void api_identity_create(struct call *call, struct answer *answer)
{
    if (call->body_length > 0 && !call_read_json(call, answer, "application/json"))
        return;
    CLEANUP(free_memory) char *id = service_new_identity_id();
    const struct identity *identity = store_add_identity(&call->service->store, id);
    json_t *json = json_pack("{s:{s:s}}", "identity", "id", id);
    json_t *scopes = json_object_get(call->json, "createTokenWithScopes");
    if (json_array_size(scopes) > 0) {
        json_t *token = make_token(call, identity, scopes, answer);
        if (!token) {
            json_decref(json);
            return;
        }
        json_object_set_new(json, "accessToken", token);
    }
    answer_json(answer, 201, json);
}

/* The identity that the path names. NULL when there is none; the answer then says so. */
static struct identity *find(const struct call *call, struct answer *answer)
{
    struct identity *identity = store_identity(&call->service->store, call->captures[0]);
    if (identity && !identity->deleted)
        return identity;
    call_refuse(call, answer, 404, "The identity was not found.");
    return NULL;
}

void api_identity_delete(struct call *call, struct answer *answer)
{
    struct identity *identity = find(call, answer);
    if (!identity)
        return;
    identity->deleted = true;
    answer_empty(answer, 204);
}

void api_identity_issue_token(struct call *call, struct answer *answer)
{
    const struct identity *identity = find(call, answer);
    if (!identity || !call_read_json(call, answer, "application/json"))
        return;
    json_t *token = make_token(call, identity, json_object_get(call->json, "scopes"), answer);
    if (token)
        answer_json(answer, 200, token);
}

void api_identity_revoke_tokens(struct call *call, struct answer *answer)
{
    struct identity *identity = find(call, answer);
    if (!identity)
        return;
    identity->tokens_valid_from = call->now_at + 1;
    answer_empty(answer, 204);
}
