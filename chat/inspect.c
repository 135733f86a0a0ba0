#include "chat/inspect.h"

#include "base/memory.h"
#include "base/text.h"
#include "chat/thread.h"
#include "chat/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

enum { LONGEST_REPLY = 64 * 1024 };

struct inquiry {
    LIST_ENTRY(inquiry) links;
    struct inspections *inspections;
    struct sender *sender;
    struct text url;
    inspect_done *done;
    void *context;
};

struct inspections {
    struct api *api;
    const struct clock *clock;
    LIST_HEAD(, inquiry) under_way;
};

struct inspections *inspections_new(struct api *api, const struct clock *clock)
{
    struct inspections *inspections = xcalloc(1, sizeof *inspections);
    inspections->api = api;
    inspections->clock = clock;
    LIST_INIT(&inspections->under_way);
    return inspections;
}

static void inquiry_free(struct inquiry *inquiry)
{
    if (inquiry->sender)
        inquiry->sender->users--;
    LIST_REMOVE(inquiry, links);
    text_clear(&inquiry->url);
    free(inquiry);
}

void inspections_free(struct inspections *inspections)
{
    if (!inspections)
        return;
    for (struct inquiry *inquiry = LIST_FIRST(&inspections->under_way), *next = NULL; inquiry;
         inquiry = next) {
        next = LIST_NEXT(inquiry, links);
        inquiry_free(inquiry);
    }
    free(inspections);
}

/* What came is of no use: whoever answers there is not the chat. */
static void judge_garbled(struct delivery *answer, const struct error *err)
{
    answer->outcome = OUTCOME_REFUSED;
    answer->scope = SCOPE_ENDPOINT;
    snprintf(answer->code, sizeof answer->code, "garbled");
    snprintf(answer->detail, sizeof answer->detail, "Get Chat Thread Properties: %.100s",
             err->text);
}

static void on_reply(void *context, const struct http_reply *reply, const struct delivery *unsent)
{
    struct inquiry *inquiry = context;
    struct inspected inspected = { 0 };
    struct error err;
    msec_t now_at = clock_now(inquiry->inspections->clock).at;
    inspected.answer = reply ? verdict_of_list(reply, now_at) : *unsent;
    if (reply && inspected.answer.outcome == OUTCOME_SENT) {
        inspected.answered =
            thread_parse(&inspected.properties, reply->body, reply->body_length, &err);
        if (!inspected.answered)
            judge_garbled(&inspected.answer, &err);
    }
    inspect_done *done = inquiry->done;
    void *done_context = inquiry->context;
    inquiry_free(inquiry);
    done(done_context, &inspected);
}

void inspections_start(struct inspections *inspections, struct sender *sender,
                       const struct inspection *inspection, inspect_done *done, void *context)
{
    struct inquiry *inquiry = xcalloc(1, sizeof *inquiry);
    *inquiry = (struct inquiry){
        .inspections = inspections, .sender = sender, .done = done, .context = context
    };
    LIST_INSERT_HEAD(&inspections->under_way, inquiry, links);
    if (sender) {
        sender->users++;
        thread_url(&inquiry->url, inspection->endpoint, inspection->thread, sender->api_version);
    }
    const struct api_request request = { .method = HTTP_GET,
                                         .url = inquiry->url.bytes,
                                         .longest_reply = LONGEST_REPLY };
    api_call(inspections->api, sender, &request, on_reply, inquiry);
}
