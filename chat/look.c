#include "chat/look.h"

#include "base/memory.h"
#include "base/text.h"
#include "chat/messages.h"
#include "chat/next_link.h"
#include "chat/verdict.h"
#include "queue/pacer.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum {
    LONGEST_PAGE = 1024 * 1024, /* read at once: a turn is not to take long */
    PAGE_SHRINKS_BY = 8,        /* 200, 25, 3, 1 messages */
};

/* What nobody can foretell, since all of a thread's lists are under way, is asked again then. */
enum { LONGEST_PAUSE_MS = 1000 };

struct search {
    LIST_ENTRY(search) links;
    struct looks *looks;
    struct sender *sender;
    const struct look *look; /* the caller's */
    int page_size;
    char *url;                      /* of the page under way */
    char *visited[LOOK_MOST_PAGES]; /* the pages asked for, without that one */
    size_t visited_count;
    struct event pause;    /* pending before a page that is not due yet */
    bool is_counted;       /* a page is under way in the look's budget */
    struct finding *found; /* per stamp */
    size_t found_count;
    struct findings findings;
    look_done *done;
    void *context;
};

struct looks {
    struct api *api;
    struct event_base *loop;
    const struct clock *clock;
    char *authors; /* ours, one a line; "": unknown */
    LIST_HEAD(, search) under_way;
};

struct looks *looks_new(struct api *api, struct event_base *loop, const struct clock *clock)
{
    struct looks *looks = xcalloc(1, sizeof *looks);
    looks->api = api;
    looks->loop = loop;
    looks->clock = clock;
    looks->authors = xstrdup("");
    LIST_INIT(&looks->under_way);
    return looks;
}

static void search_free(struct search *search)
{
    if (search->sender)
        search->sender->users--;
    LIST_REMOVE(search, links);
    event_del(&search->pause);
    for (size_t i = 0; i < search->visited_count; i++)
        free(search->visited[i]);
    free(search->url);
    free(search->found);
    free(search);
}

void looks_free(struct looks *looks)
{
    if (!looks)
        return;
    for (struct search *search = LIST_FIRST(&looks->under_way), *next = NULL; search;
         search = next) {
        next = LIST_NEXT(search, links);
        search_free(search);
    }
    free(looks->authors);
    free(looks);
}

void looks_know_authors(struct looks *looks, const char *authors)
{
    free(looks->authors);
    looks->authors = xstrdup(authors);
}

static bool is_ours(const struct looks *looks, const char *author)
{
    size_t length = strlen(author);
    if (!looks->authors[0])
        return true;
    for (const char *line = looks->authors; *line; line += *line == '\n') {
        size_t end = strcspn(line, "\n");
        if (end == length && memcmp(line, author, length) == 0)
            return true;
        line += end;
    }
    return false;
}

static void end(struct search *search, bool complete)
{
    search->findings.complete = complete;
    search->done(search->context, &search->findings);
    search_free(search);
}

/* The list came, but is of no use. */
static void end_garbled(struct search *search, const char *code, const char *reason)
{
    struct delivery *answer = &search->findings.answer;
    answer->outcome = OUTCOME_DOUBT; /* as any other answer that is none */
    answer->scope = SCOPE_ENDPOINT;
    snprintf(answer->code, sizeof answer->code, "%s", code);
    snprintf(answer->detail, sizeof answer->detail, "List Chat Messages: %s", reason);
    end(search, false);
}

static int compare_stamps(const void *stamp, const void *entry)
{
    return strcmp(stamp, *(const char *const *)entry);
}

/* Where to note what is found of a stamp that we look for, and have not seen yet; else NULL. */
static struct finding *wanted(struct search *search, const char *stamp)
{
    const struct look *look = search->look;
    const char *const *entry =
        bsearch(stamp, look->stamps, look->count, sizeof look->stamps[0], compare_stamps);
    struct finding *finding = entry ? &search->found[entry - look->stamps] : NULL;
    return finding && !finding->remote_id[0] ? finding : NULL;
}

/* Likewise of one that stands at an end of a digest of ours. */
static struct finding *wanted_in_digest(struct search *search, const struct stamped *digest)
{
    if (!digest->last.rank || !is_ours(search->looks, digest->author))
        return NULL;
    struct finding *finding = wanted(search, digest->first.stamp);
    if (!finding)
        finding = wanted(search, digest->last.stamp);
    if (finding) {
        finding->first_rank = digest->first.rank;
        finding->last_rank = digest->last.rank;
    }
    return finding;
}

/* Note what the page has of what we look for. True while something is still missing. */
static bool adopt(struct search *search, const struct message_page *page)
{
    for (size_t i = 0; i < page->found_count; i++) {
        const struct stamped *stamped = &page->found[i];
        struct finding *finding = wanted(search, stamped->stamp);
        if (!finding)
            finding = wanted_in_digest(search, stamped);
        if (!finding)
            continue;
        memcpy(finding->remote_id, stamped->id, sizeof stamped->id);
        search->found_count++;
    }
    return search->found_count < search->look->count;
}

static void on_page(void *context, const struct http_reply *reply, const struct delivery *unsent);

static void request_page(struct search *search)
{
    struct api_request request = { .method = HTTP_GET,
                                   .url = search->url,
                                   .longest_reply = LONGEST_PAGE };
    api_call(search->looks->api, search->sender, &request, on_page, search);
}

/* As soon as the thread may be listed once more. */
static void request_page_in_time(struct search *search)
{
    msec_t opens_steady_at = pacer_opens_steady_at(search->look->lists, true);
    msec_t now_steady_at = clock_now(search->looks->clock).steady_at;
    if (opens_steady_at <= now_steady_at) {
        pacer_begin(search->look->lists, true);
        search->is_counted = true;
        request_page(search);
        return;
    }
    msec_t pause_ms = msec_min(opens_steady_at - now_steady_at, LONGEST_PAUSE_MS);
    struct timeval pause = { pause_ms / 1000, pause_ms % 1000 * 1000 };
    event_add(&search->pause, &pause);
}

static void on_pause_over(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    request_page_in_time(context);
}

static bool was_visited(const struct search *search, const char *url)
{
    if (strcmp(search->url, url) == 0)
        return true;
    for (size_t i = 0; i < search->visited_count; i++)
        if (strcmp(search->visited[i], url) == 0)
            return true;
    return false;
}

/* Go on at `url`, which becomes ours. */
static void visit(struct search *search, char *url)
{
    if (search->visited_count == LOOK_MOST_PAGES) {
        free(url);
        end_garbled(search, "endless", "more pages than we are ready to read");
        return;
    }
    search->visited[search->visited_count++] = search->url;
    search->url = url;
    request_page_in_time(search);
}

static char *first_url(const struct search *search)
{
    const struct look *look = search->look;
    struct text url = { 0 };
    messages_list_url(&url, look->endpoint, look->thread, search->sender->api_version,
                      search->page_size, look->since_at);
    return text_take(&url);
}

static void start_over_smaller(struct search *search)
{
    if (search->page_size == 1) {
        end_garbled(search, "too-long", "one message alone is longer than a page may be");
        return;
    }
    search->page_size = search->page_size / PAGE_SHRINKS_BY;
    if (search->page_size == 0)
        search->page_size = 1;
    visit(search, first_url(search));
}

static void follow(struct search *search, const char *next_link)
{
    struct error err;
    char *url = next_link_resolve(search->url, next_link, &err);
    if (!url) {
        end_garbled(search, "garbled", err.text);
    } else if (was_visited(search, url)) {
        free(url);
        end(search, true);
    } else {
        visit(search, url);
    }
}

static void read_page(struct search *search, const struct http_reply *reply)
{
    CLEANUP(message_page_clear) struct message_page page;
    struct error err;
    if (!message_page_parse(&page, reply->body, reply->body_length, &err))
        end_garbled(search, "garbled", err.text);
    else if (!adopt(search, &page) || !page.next_link)
        end(search, true);
    else
        follow(search, page.next_link);
}

static void on_page(void *context, const struct http_reply *reply, const struct delivery *unsent)
{
    struct search *search = context;
    struct moment now = clock_now(search->looks->clock);
    if (search->is_counted)
        pacer_end(search->look->lists, true, now.steady_at);
    search->is_counted = false;
    search->findings.answer = reply ? verdict_of_list(reply, now.at) : *unsent;
    if (!reply || search->findings.answer.outcome != OUTCOME_SENT)
        end(search, false);
    else if (reply->body_cut)
        start_over_smaller(search);
    else
        read_page(search, reply);
}

void looks_start(struct looks *looks, struct sender *sender, const struct look *look,
                 look_done *done, void *context)
{
    struct search *search = xcalloc(1, sizeof *search);
    search->looks = looks;
    search->sender = sender;
    search->look = look;
    search->page_size = MESSAGES_LONGEST_PAGE;
    search->found = xcalloc(look->count, sizeof *search->found);
    search->findings.found = search->found;
    search->done = done;
    search->context = context;
    LIST_INSERT_HEAD(&looks->under_way, search, links);
    event_assign(&search->pause, looks->loop, -1, 0, on_pause_over, search);
    if (!sender) {
        request_page(search); /* which tells that there is nobody to ask */
        return;
    }
    sender->users++;
    search->url = first_url(search);
    request_page_in_time(search);
}
