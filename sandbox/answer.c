#include "sandbox/answer.h"

#include "base/attributes.h"
#include "base/instant.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct status {
    int number;
    const char *reason;
    const char *code; /* in an error's body */
};

static const struct status statuses[] = {
    { 100, "Continue", "Continue" },
    { 101, "Switching Protocols", "SwitchingProtocols" },
    { 102, "Processing", "Processing" },
    { 103, "Early Hints", "EarlyHints" },
    { 200, "OK", "OK" },
    { 201, "Created", "Created" },
    { 202, "Accepted", "Accepted" },
    { 204, "No Content", "NoContent" },
    { 301, "Moved Permanently", "MovedPermanently" },
    { 302, "Found", "Found" },
    { 304, "Not Modified", "NotModified" },
    { 307, "Temporary Redirect", "TemporaryRedirect" },
    { 308, "Permanent Redirect", "PermanentRedirect" },
    { 400, "Bad Request", "BadRequest" },
    { 401, "Unauthorized", "Unauthorized" },
    { 403, "Forbidden", "Forbidden" },
    { 404, "Not Found", "NotFound" },
    { 405, "Method Not Allowed", "MethodNotAllowed" },
    { 407, "Proxy Authentication Required", "ProxyAuthenticationRequired" },
    { 408, "Request Timeout", "RequestTimeout" },
    { 409, "Conflict", "Conflict" },
    { 410, "Gone", "Gone" },
    { 412, "Precondition Failed", "PreconditionFailed" },
    { 413, "Payload Too Large", "PayloadTooLarge" },
    { 415, "Unsupported Media Type", "UnsupportedMediaType" },
    { 429, "Too Many Requests", "TooManyRequests" },
    { 500, "Internal Server Error", "InternalServerError" },
    { 501, "Not Implemented", "NotImplemented" },
    { 502, "Bad Gateway", "BadGateway" },
    { 503, "Service Unavailable", "ServiceUnavailable" },
    { 504, "Gateway Timeout", "GatewayTimeout" },
};

static const struct status *status_of(int number)
{
    static const struct status unknown = { 0, "Unknown", "Unknown" };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (statuses[i].number == number)
            return &statuses[i];
    return &unknown;
}

const char *http_reason(int status)
{
    return status_of(status)->reason;
}

/* The place of `name` among `count` names, or `count`. */
static int place_of(const char *name, const char *const *names, int count)
{
    int place = 0;
    while (place < count && strcmp(name, names[place]) != 0)
        place++;
    return place;
}

bool error_shape_parse(const char *name, enum error_shape *shape)
{
    static const char *const names[] = { [ERROR_OBSERVED] = "observed",
                                         [ERROR_DOCUMENTED] = "documented",
                                         [ERROR_EMPTY] = "empty",
                                         [ERROR_HTML] = "html" };
    int place = place_of(name, names, 4);
    *shape = (enum error_shape)place;
    return place < 4;
}

bool retry_after_form_parse(const char *name, enum retry_after_form *form)
{
    static const char *const names[] = { [RETRY_AFTER_NONE] = "none",
                                         [RETRY_AFTER_SECONDS] = "seconds",
                                         [RETRY_AFTER_DATE] = "date",
                                         [RETRY_AFTER_MS] = "retry-after-ms",
                                         [RETRY_AFTER_X_MS] = "x-ms-retry-after-ms" };
    int place = place_of(name, names, 5);
    *form = (enum retry_after_form)place;
    return place < 5;
}

void answer_init(struct answer *answer)
{
    *answer = (struct answer){ 0 };
    TAILQ_INIT(&answer->headers);
}

void answer_clear(struct answer *answer)
{
    evhttp_clear_headers(&answer->headers);
    text_clear(&answer->body);
}

void answer_header(struct answer *answer, const char *name, const char *value)
{
    evhttp_remove_header(&answer->headers, name);
    evhttp_add_header(&answer->headers, name, value);
}

void answer_empty(struct answer *answer, int status)
{
    answer->status = status;
    text_empty(&answer->body);
    evhttp_remove_header(&answer->headers, "Content-Type");
}

void answer_text(struct answer *answer, const char *content_type, const char *text)
{
    text_empty(&answer->body);
    text_add(&answer->body, text);
    answer_header(answer, "Content-Type", content_type);
}

void answer_json(struct answer *answer, int status, json_t *json)
{
    CLEANUP(free_memory) char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    answer->status = status;
    answer_text(answer, "application/json; charset=utf-8", text);
}

/* ACS: indented, with CRLF line ends and PascalCase names. */
static void observed_error(struct answer *answer, const char *code, const char *message)
{
    json_t *error = json_pack("{s:s}", "Code", code);
    if (message)
        json_object_set_new(error, "Message", json_string(message));
    json_object_set_new(error, "Details", json_array());
    json_t *json = json_pack("{s:o}", "CommunicationError", error);
    CLEANUP(free_memory) char *text = json_dumps(json, JSON_INDENT(2));
    json_decref(json);

    answer_text(answer, "application/json", "");
    char *more = NULL;
    for (char *line = strtok_r(text, "\n", &more); line; line = strtok_r(NULL, "\n", &more))
        text_printf(&answer->body, "%s%s", answer->body.length > 0 ? "\r\n" : "", line);
}

static void documented_error(struct answer *answer, const char *code, const char *message)
{
    answer_json(
        answer, answer->status,
        json_pack("{s:{s:s, s:s}}", "error", "code", code, "message", message ? message : ""));
}

static void html_error(struct answer *answer, const char *reason)
{
    CLEANUP(free_memory)
    char *page = xasprintf(
        "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n"
        "<center><h1>%d %s</h1></center>\r\n</body>\r\n</html>\r\n",
        answer->status, reason, answer->status, reason);
    answer_text(answer, "text/html", page);
}

void answer_error(struct answer *answer, enum error_shape shape, int status, const char *message)
{
    const struct status *known = status_of(status);
    answer_empty(answer, status);
    switch (shape) {
    case ERROR_OBSERVED:
        observed_error(answer, known->code, message);
        break;
    case ERROR_DOCUMENTED:
        documented_error(answer, known->code, message);
        break;
    case ERROR_HTML:
        html_error(answer, known->reason);
        break;
    case ERROR_EMPTY:
        break;
    }
}

void answer_retry_after(struct answer *answer, enum retry_after_form form, msec_t wait_ms,
                        msec_t now_at)
{
    char text[INSTANT_LONGEST_TEXT];
    msec_t seconds = wait_ms / 1000 + (wait_ms % 1000 > 0);

    if (form == RETRY_AFTER_DATE)
        instant_format_http(now_at + wait_ms + 999, text);
    else
        snprintf(text, sizeof text, "%" PRId64, form == RETRY_AFTER_SECONDS ? seconds : wait_ms);

    if (form == RETRY_AFTER_MS)
        answer_header(answer, "retry-after-ms", text);
    else if (form == RETRY_AFTER_X_MS)
        answer_header(answer, "x-ms-retry-after-ms", text);
    else if (form != RETRY_AFTER_NONE)
        answer_header(answer, "Retry-After", text);
}
