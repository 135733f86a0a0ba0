#include "sandbox/call.h"

#include "base/memory.h"
#include "sandbox/routes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Does the path have the pattern's form? What stands for "*" is decoded into the captures. */
static bool route_fits(const char *pattern, const char *path, char *captures[CALL_MOST_CAPTURES])
{
    size_t captured = 0;
    for (; *pattern == '/' && *path == '/';) {
        size_t wanted = strcspn(++pattern, "/"), given = strcspn(++path, "/");
        if (wanted == 1 && *pattern == '*') {
            CLEANUP(free_memory) char *segment = xmemdup0(path, given);
            captures[captured++] = evhttp_uridecode(segment, 0, NULL);
        } else if (wanted != given || memcmp(pattern, path, given) != 0) {
            break;
        }
        pattern += wanted;
        path += given;
    }
    if (*pattern == '\0' && *path == '\0')
        return true;
    while (captured > 0) {
        free(captures[--captured]);
        captures[captured] = NULL;
    }
    return false;
}

static const char *method_name(enum evhttp_cmd_type method)
{
    return method == EVHTTP_REQ_GET      ? "GET"
           : method == EVHTTP_REQ_POST   ? "POST"
           : method == EVHTTP_REQ_DELETE ? "DELETE"
           : method == EVHTTP_REQ_PATCH  ? "PATCH"
                                         : "PUT";
}

struct call *call_new(struct service *service, enum evhttp_cmd_type method, const char *target,
                      const struct evkeyvalq *headers, const char *body, size_t body_length)
{
    struct call *call = xcalloc(1, sizeof *call);
    TAILQ_INIT(&call->query);
    TAILQ_INIT(&call->own_headers);
    call->target = xstrdup(target);

    const char *question = strchr(target, '?');
    CLEANUP(free_memory)
    char *path = xmemdup0(target, question ? (size_t)(question - target) : strlen(target));
    for (const struct route *route = routes; route->pattern && !call->route; route++)
        if (route->method == method && route_fits(route->pattern, path, call->captures))
            call->route = route;
    if (!call->route) {
        call_free(call);
        return NULL;
    }
    if (question)
        evhttp_parse_query_str(question + 1, &call->query);
    call->service = service;
    call_read_clock(call);
    call->method = method_name(method);
    call->headers = headers;
    call->body = body;
    call->body_length = body_length;
    return call;
}

void call_read_clock(struct call *call)
{
    call->now_at = service_clock_now(&call->service->clock);
    call->elapsed_ms = service_clock_elapsed_ms(&call->service->clock);
}

void call_free(struct call *call)
{
    if (!call)
        return;
    for (size_t i = 0; i < CALL_MOST_CAPTURES; i++)
        free(call->captures[i]);
    evhttp_clear_headers(&call->query);
    evhttp_clear_headers(&call->own_headers);
    json_decref(call->json);
    free(call->own_body);
    free(call->target);
    free(call);
}

void call_keep(struct call *call)
{
    const struct evkeyval *header = NULL;
    TAILQ_FOREACH(header, call->headers, next)
    evhttp_add_header(&call->own_headers, header->key, header->value);
    call->headers = &call->own_headers;
    call->own_body = xmemdup0(call->body, call->body_length);
    call->body = call->own_body;
}

const char *call_header(const struct call *call, const char *name)
{
    return evhttp_find_header(call->headers, name);
}

const char *call_query(const struct call *call, const char *name)
{
    return evhttp_find_header(&call->query, name);
}

void call_refuse(const struct call *call, struct answer *answer, int status, const char *message)
{
    bool chat = call->route->access >= ACCESS_USER;
    enum error_shape shape = chat ? call->service->error_shape : ERROR_DOCUMENTED;
    if (status == 401 && chat && call->service->unauthorized_is_empty)
        shape = ERROR_EMPTY;
    answer_error(answer, shape, status, message);
}

static bool has_content_type(const struct call *call, const char *content_type)
{
    const char *given = call_header(call, "Content-Type");
    size_t length = strlen(content_type);
    return given && strncasecmp(given, content_type, length) == 0 &&
           (given[length] == '\0' || given[length] == ';' || given[length] == ' ');
}

bool call_read_json(struct call *call, struct answer *answer, const char *content_type)
{
    if (content_type && !has_content_type(call, content_type)) {
        CLEANUP(free_memory) char *message = xasprintf("Content-Type must be %s.", content_type);
        call_refuse(call, answer, 415, message);
        return false;
    }
    json_error_t error;
    call->json = json_loadb(call->body, call->body_length, 0, &error);
    if (json_is_object(call->json))
        return true;
    CLEANUP(free_memory)
    char *message = xasprintf("The request body is not a JSON object: %s", error.text);
    call_refuse(call, answer, 400, call->json ? "The request body is not a JSON object." : message);
    return false;
}

char *call_endpoint(const struct call *call)
{
    const char *host = call_header(call, "Host");
    const char *forwarded = call_header(call, "X-Forwarded-Proto");
    bool secure = forwarded ? strcasecmp(forwarded, "https") == 0 : call->service->links_are_https;
    return xasprintf("%s://%s", secure ? "https" : "http", host ? host : "localhost");
}

char *call_thread_in_url(const struct thread *thread)
{
    /* Of a well-formed id only the first colon needs it. */
    return xasprintf("19%%3A%s", thread->id + strlen("19:"));
}
