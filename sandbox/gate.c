#include "sandbox/gate.h"

#include <string.h>

/* ACS: the stable versions. */
static const char chat_versions[] = "2021-03-07, 2021-09-07, 2023-11-07, 2024-03-07, 2025-03-15";
static const char identity_versions[] = "2021-03-07, 2022-06-01, 2022-10-01, 2023-10-01";

enum { VERSION_LENGTH = sizeof "2025-03-15" - 1 };

static bool refuse(struct call *call, struct answer *answer, int status, const char *message)
{
    call_refuse(call, answer, status, message);
    return false;
}

static bool admit_version(struct call *call, struct answer *answer)
{
    const char *known = call->route->access == ACCESS_KEY ? identity_versions : chat_versions;
    const char *version = call_query(call, "api-version");

    answer_header(answer, "api-supported-versions", known);
    if (!version)
        return refuse(call, answer, 400, "The api-version query parameter is required.");
    if (strlen(version) != VERSION_LENGTH || !strstr(known, version))
        return refuse(call, answer, 400, "The api-version is not supported.");
    return true;
}

/* ACS: the Identity API takes a token of Microsoft Entra in place of a signature. */
static bool has_entra_token(const struct call *call)
{
    static const char scheme[] = "Bearer ";
    const char *wanted = call->service->entra_token;
    const char *authorization = call_header(call, "Authorization");
    return wanted && authorization && strncmp(authorization, scheme, sizeof scheme - 1) == 0 &&
           strcmp(authorization + sizeof scheme - 1, wanted) == 0;
}

static bool admit_key(struct call *call, struct answer *answer)
{
    if (has_entra_token(call))
        return true;
    const struct signed_request request = {
        .method = call->method,
        .target = call->target,
        .host = call_header(call, "Host"),
        .date = call_header(call, "x-ms-date"),
        .content_sha256 = call_header(call, "x-ms-content-sha256"),
        .authorization = call_header(call, "Authorization"),
        .body = call->body,
        .body_length = call->body_length,
    };
    switch (signature_check(&call->service->key, &request, call->now_at)) {
    case SIGNATURE_VALID:
        return true;
    case SIGNATURE_MISSING:
        return refuse(call, answer, 401, "The request is not signed with HMAC-SHA256.");
    case SIGNATURE_DATE_WRONG:
        return refuse(call, answer, 401,
                      "x-ms-date is missing, malformed, or more than 15 minutes off.");
    case SIGNATURE_CONTENT_WRONG:
        return refuse(call, answer, 401, "x-ms-content-sha256 is not that of the body.");
    case SIGNATURE_WRONG:
        break;
    }
    return refuse(call, answer, 401, "The signature is wrong.");
}

static bool admit_token(struct call *call, struct answer *answer)
{
    static const char scheme[] = "Bearer ";
    const char *authorization = call_header(call, "Authorization");

    if (!authorization || strncasecmp(authorization, scheme, strlen(scheme)) != 0)
        return refuse(call, answer, 401, "A user access token is required.");
    const struct token_claims *claims = token_book_read(&call->service->tokens, &call->service->key,
                                                        authorization + strlen(scheme));
    if (!claims)
        return refuse(call, answer, 401, "The token is not one of this resource.");
    if (claims->expires_at <= call->now_at)
        return refuse(call, answer, 401, "The token has expired.");
    call->user = store_identity(&call->service->store, claims->identity);
    if (!call->user || call->user->deleted || claims->issued_at < call->user->tokens_valid_from)
        return refuse(call, answer, 401, "The token has been revoked.");
    if (strncmp(claims->scope, "chat", strlen("chat")) != 0 && !strstr(claims->scope, ",chat"))
        return refuse(call, answer, 403, "The token's scope does not include chat.");
    return true;
}

static bool admit_thread(struct call *call, struct answer *answer)
{
    const char *id = call->captures[0];
    if (!thread_id_is_well_formed(id))
        return refuse(call, answer, 400, NULL);
    call->thread = store_thread(&call->service->store, id);
    if (!call->thread)
        return refuse(call, answer, 404, "The specified thread id was not found.");
    if (service_thread_is_gone(call->service, call->thread) &&
        call->route->operation != OPERATION_PROPERTIES)
        return refuse(call, answer, 404, "The specified thread id was not found.");
    return true;
}

static bool refuse_for_now(struct call *call, struct answer *answer, msec_t wait_ms)
{
    msec_t real_ms = service_clock_real_ms(&call->service->clock, wait_ms);
    call_refuse(call, answer, 429, "Rate limit exceeded.");
    answer_retry_after(answer, call->service->retry_after_form, real_ms, call->now_at);
    return false;
}

static bool admit_member(struct call *call, struct answer *answer)
{
    call->member = thread_member(call->thread, call->user);
    bool wanted = call->route->access == ACCESS_PARTICIPANT;
    if (!call->member || (wanted && call->member->removed))
        return refuse(call, answer, 403,
                      "The initiator doesn't have the permission to perform the requested "
                      "operation.");
    return true;
}

/* How long this reading call has to wait, by its limits. */
static msec_t spend_reading(struct call *call)
{
    const struct service *service = call->service;
    if (call->route->budget == BUDGET_GET)
        return limit_spend(&service->get_limit, &call->member->get_usage, call->elapsed_ms);
    if (call->route->budget != BUDGET_LIST)
        return 0;
    return msec_max(
        limit_spend(&service->list_limit, &call->member->list_usage, call->elapsed_ms),
        limit_spend(&service->thread_list_limit, &call->thread->list_usage, call->elapsed_ms));
}

void gate_spend(struct call *call)
{
    if (call->route->budget != BUDGET_SEND)
        return;
    struct thread *thread = store_thread(&call->service->store, call->captures[0]);
    if (!thread)
        return;
    call->limit_wait_ms = limit_spend(&call->service->send_limit, &thread->usage, call->elapsed_ms);
    thread->requests++;
    if (call->limit_wait_ms > 0)
        thread->over_limit++;
}

static bool admit_to_thread(struct call *call, struct answer *answer)
{
    if (!admit_thread(call, answer))
        return false;
    if (call->limit_wait_ms > 0)
        return refuse_for_now(call, answer, call->limit_wait_ms);
    if (!admit_member(call, answer))
        return false;
    msec_t wait_ms = spend_reading(call);
    return wait_ms == 0 || refuse_for_now(call, answer, wait_ms);
}

bool gate_admit(struct call *call, struct answer *answer)
{
    enum access access = call->route->access;
    if (access == ACCESS_ANYBODY)
        return true;
    if (!admit_version(call, answer))
        return false;
    if (access == ACCESS_KEY)
        return admit_key(call, answer);
    return admit_token(call, answer) && (access == ACCESS_USER || admit_to_thread(call, answer));
}
