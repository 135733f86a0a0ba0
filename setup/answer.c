#include "setup/answer.h"

#include "chat/api_error.h"
#include "chat/header_text.h"

#include <stdio.h>

static enum status status_of(int status, bool is_api)
{
    switch (status) {
    case 401:
        return STATUS_DENIED;
    case 403:
        return is_api ? STATUS_DENIED : STATUS_PROTOCOL;
    case 404:
        return is_api ? STATUS_NOT_FOUND : STATUS_PROTOCOL;
    case 400:
        return is_api ? STATUS_BAD_DATA : STATUS_PROTOCOL;
    case 408:
    case 429:
        return STATUS_TRY_LATER;
    default:
        return status >= 500 ? STATUS_TRY_LATER : STATUS_PROTOCOL;
    }
}

enum status answer_judge(const struct http_reply *reply, int wanted, const char *who,
                         struct error *err)
{
    struct api_error error = { 0 };
    char vector[64], cv[80] = "";
    if (reply->progress != HTTP_ANSWERED) {
        error_set(err, "no answer from %s: %s", who, reply->failure_text);
        return STATUS_UNREACHABLE;
    }
    header_text_copy(vector, sizeof vector, reply->ms_cv);
    if (vector[0])
        snprintf(cv, sizeof cv, " (MS-CV %s)", vector);
    if (reply->status == wanted && (reply->body_cut || reply->failure != HTTP_FAILURE_NONE)) {
        error_set(err, "the answer of %s broke off%s", who, cv);
        return STATUS_UNREACHABLE;
    }
    if (reply->status == wanted)
        return STATUS_DONE;
    bool is_api = api_error_parse(reply->body, reply->body_length, &error);
    error_set(err, "%s answered %d%s%s%s%s%s", who, reply->status, is_api ? " " : "", error.code,
              error.message[0] ? ": " : "", error.message, cv);
    return status_of(reply->status, is_api);
}
