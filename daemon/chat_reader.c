#include "daemon/chat_reader.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* How often something may be asked, and what was asked of late. */
struct meter {
    char *key;
    struct pacer pacer;
    msec_t opens_steady_at; /* not before: the chat asked for a pause */
    struct meter *next;
};

struct errand {
    TAILQ_ENTRY(errand) links;
    struct chat_reader *reader;
    struct question question; /* points into the next three */
    struct chat_place place;
    char *message, *page;
    struct meter *meter;
    struct pacer *lists;       /* shared with the looks; NULL: of another kind, or not under way */
    struct chat_client client; /* without a wait: it is the relay that asks */
    question_done *done;
    void *context;
};

TAILQ_HEAD(errands, errand);

struct chat_reader {
    struct queue_floor *floor;
    const struct clock *clock;
    struct meter *meters;
    struct errands waiting, under_way;
    size_t waiting_count, under_way_count;
};

struct chat_reader *chat_reader_new(struct queue_floor *floor, const struct clock *clock)
{
    struct chat_reader *reader = xcalloc(1, sizeof *reader);
    reader->floor = floor;
    reader->clock = clock;
    TAILQ_INIT(&reader->waiting);
    TAILQ_INIT(&reader->under_way);
    return reader;
}

struct chat_place chat_place_of(const struct directory_thread *thread)
{
    const struct config_thread *settings = thread->settings;
    return (struct chat_place){ .number = thread->number,
                                .name = xstrdup(settings->name),
                                .endpoint = xstrdup(settings->sender->endpoint),
                                .thread = xstrdup(settings->id),
                                .sender = xstrdup(settings->sender_name) };
}

void chat_place_clear(struct chat_place *place)
{
    free(place->name);
    free(place->endpoint);
    free(place->thread);
    free(place->sender);
    *place = (struct chat_place){ 0 };
}

struct chat_place chat_place_copy(const struct chat_place *place)
{
    return (struct chat_place){ .number = place->number,
                                .name = xstrdup(place->name),
                                .endpoint = xstrdup(place->endpoint),
                                .thread = xstrdup(place->thread),
                                .sender = xstrdup(place->sender) };
}

bool chat_place_is_of(const struct chat_place *place, const struct directory_thread *thread)
{
    const struct config_thread *settings = thread->settings;
    return strcmp(place->endpoint, settings->sender->endpoint) == 0 &&
           strcmp(place->thread, settings->id) == 0 &&
           strcmp(place->sender, settings->sender_name) == 0;
}

/* ---- budgets --------------------------------------------------------------------------------- */

/*
 * ACS, per user and thread: 50 lists in 10 s and 200 in 60 s, of which half is
 * ours; 50 messages, 10 lists of participants and 50 threads in 10 s.
 */
static const struct pacer_limits limits_of[] = {
    [QUESTION_MESSAGES] = { .paces = { { 25, 10000 }, { 100, 60000 } },
                            .pace_count = 2,
                            .pace_percent = 100 },
    [QUESTION_MESSAGE] = { .paces = { { 50, 10000 } }, .pace_count = 1, .pace_percent = 100 },
    [QUESTION_THREAD] = { .paces = { { 50, 10000 } }, .pace_count = 1, .pace_percent = 100 },
    [QUESTION_PARTICIPANTS] = { .paces = { { 10, 10000 } }, .pace_count = 1, .pace_percent = 100 },
};

/* Two names of one remote thread share what it allows. A thread itself is counted by user alone. */
static char *key_of(const struct question *question)
{
    return xasprintf("%d %s %s %s", (int)question->kind, question->endpoint, question->sender,
                     question->kind == QUESTION_THREAD ? "" : question->thread);
}

static struct meter *get_meter(struct chat_reader *reader, const struct question *question)
{
    CLEANUP(free_memory) char *key = key_of(question);
    for (struct meter *meter = reader->meters; meter; meter = meter->next)
        if (strcmp(meter->key, key) == 0)
            return meter;
    struct meter *meter = xcalloc(1, sizeof *meter);
    meter->key = xstrdup(key);
    pacer_limit(&meter->pacer, &limits_of[question->kind]);
    meter->next = reader->meters;
    reader->meters = meter;
    return meter;
}

static struct pacer *lists_of(const struct errand *errand)
{
    const struct dispatcher *dispatcher = errand->reader->floor->dispatcher;
    return errand->question.kind == QUESTION_MESSAGES && dispatcher
               ? dispatcher_lists(dispatcher, errand->place.number)
               : NULL;
}

static msec_t opens_steady_at(const struct errand *errand)
{
    const struct pacer *lists = lists_of(errand);
    msec_t steady_at = msec_max(errand->meter->opens_steady_at,
                                pacer_opens_steady_at(&errand->meter->pacer, false));
    return lists ? msec_max(steady_at, pacer_opens_steady_at(lists, false)) : steady_at;
}

/* ---- errands --------------------------------------------------------------------------------- */

static void errand_free(struct errand *errand)
{
    chat_place_clear(&errand->place);
    free(errand->message);
    free(errand->page);
    free(errand);
}

static struct errand *errand_new(const struct chat_place *place, const struct question *question)
{
    struct errand *errand = xcalloc(1, sizeof *errand);
    errand->place = chat_place_copy(place);
    errand->message = xstrdup_or_null(question->message);
    errand->page = xstrdup_or_null(question->page);
    errand->question = *question;
    errand->question.endpoint = errand->place.endpoint;
    errand->question.thread = errand->place.thread;
    errand->question.sender = errand->place.sender;
    errand->question.message = errand->message;
    errand->question.page = errand->page;
    return errand;
}

static size_t count_of_user(const struct errands *errands, uid_t uid)
{
    const struct errand *errand = NULL;
    size_t count = 0;
    TAILQ_FOREACH(errand, errands, links)
    count += errand->client.wait && errand->client.uid == uid;
    return count;
}

bool chat_reader_ask_for(struct chat_reader *reader, const struct chat_client *client,
                         const struct chat_place *place, const struct question *question,
                         question_done *done, void *context)
{
    if (client->wait && count_of_user(&reader->waiting, client->uid) +
                                count_of_user(&reader->under_way, client->uid) >=
                            CHAT_READER_MOST_OF_USER)
        return false;
    if (reader->waiting_count + reader->under_way_count >= CHAT_READER_MOST_WAITING)
        return false;
    struct errand *errand = errand_new(place, question);
    errand->reader = reader;
    errand->meter = get_meter(reader, &errand->question);
    errand->client = *client;
    errand->done = done;
    errand->context = context;
    TAILQ_INSERT_TAIL(&reader->waiting, errand, links);
    reader->waiting_count++;
    return true;
}

bool chat_reader_ask(struct chat_reader *reader, const struct chat_place *place,
                     const struct question *question, question_done *done, void *context)
{
    static const struct chat_client relay = { 0 };
    return chat_reader_ask_for(reader, &relay, place, question, done, context);
}

/* The chat does not want to be asked for a while. */
enum { THROTTLED_MS = 10 * 1000 };

static void come_home(struct errand *errand, msec_t now_steady_at)
{
    struct chat_reader *reader = errand->reader;
    TAILQ_REMOVE(&reader->under_way, errand, links);
    reader->under_way_count--;
    pacer_end(&errand->meter->pacer, false, now_steady_at);
    if (errand->lists)
        pacer_end(errand->lists, false, now_steady_at);
}

static void on_answer(void *context, const struct chat_answer *answer)
{
    struct errand *errand = context;
    msec_t now_steady_at = clock_now(errand->reader->clock).steady_at;
    come_home(errand, now_steady_at);
    if (answer->verdict.throttled)
        errand->meter->opens_steady_at =
            now_steady_at +
            (answer->verdict.wait_ms == DELIVERY_NO_WAIT ? THROTTLED_MS : answer->verdict.wait_ms);
    errand->done(errand->context, answer);
    errand_free(errand);
}

static void start(struct errand *errand)
{
    struct chat_reader *reader = errand->reader;
    TAILQ_REMOVE(&reader->waiting, errand, links);
    reader->waiting_count--;
    TAILQ_INSERT_TAIL(&reader->under_way, errand, links);
    reader->under_way_count++;
    pacer_begin(&errand->meter->pacer, false);
    errand->lists = lists_of(errand);
    if (errand->lists)
        pacer_begin(errand->lists, false);
    chat_ask(reader->floor->chat, &errand->question, on_answer, errand);
}

/* Ends them all, without an answer. */
static void give_up(struct errands *errands, const char *why)
{
    struct chat_answer answer = {
        .verdict = { .outcome = OUTCOME_UNSENT, .wait_ms = DELIVERY_NO_WAIT }, .given_up = true
    };
    struct errand *errand = NULL;
    snprintf(answer.verdict.detail, sizeof answer.verdict.detail, "%s", why);
    while ((errand = TAILQ_FIRST(errands))) {
        TAILQ_REMOVE(errands, errand, links);
        errand->done(errand->context, &answer);
        errand_free(errand);
    }
}

/* Nobody is there any more to be told: the chat need not be asked. */
static void drop_gone(struct chat_reader *reader)
{
    struct errands gone = TAILQ_HEAD_INITIALIZER(gone);
    struct errand *next = NULL;
    for (struct errand *errand = TAILQ_FIRST(&reader->waiting); errand; errand = next) {
        next = TAILQ_NEXT(errand, links);
        if (!errand->client.wait || *errand->client.wait)
            continue;
        TAILQ_REMOVE(&reader->waiting, errand, links);
        reader->waiting_count--;
        TAILQ_INSERT_TAIL(&gone, errand, links);
    }
    give_up(&gone, "the client has gone");
}

msec_t chat_reader_tend(struct chat_reader *reader, struct moment now)
{
    msec_t earliest_at = MSEC_NEVER;
    struct errand *next = NULL;
    drop_gone(reader);
    if (!reader->floor->chat)
        return MSEC_NEVER;
    for (struct errand *errand = TAILQ_FIRST(&reader->waiting); errand; errand = next) {
        next = TAILQ_NEXT(errand, links);
        if (reader->under_way_count >= CHAT_READER_MOST_UNDER_WAY)
            return MSEC_NEVER; /* one that comes home will be a turn */
        msec_t at = opens_steady_at(errand);
        if (at <= now.steady_at)
            start(errand);
        else
            earliest_at = msec_min(earliest_at, at);
    }
    return earliest_at == MSEC_NEVER ? MSEC_NEVER : earliest_at - now.steady_at;
}

/* ---- the end --------------------------------------------------------------------------------- */

void chat_reader_give_up(struct chat_reader *reader)
{
    struct errands ended = TAILQ_HEAD_INITIALIZER(ended);
    msec_t now_steady_at = clock_now(reader->clock).steady_at;
    struct errand *errand = NULL;
    while ((errand = TAILQ_FIRST(&reader->under_way))) {
        errand->lists = NULL; /* it went with the dispatcher */
        come_home(errand, now_steady_at);
        TAILQ_INSERT_TAIL(&ended, errand, links);
    }
    TAILQ_CONCAT(&ended, &reader->waiting, links);
    reader->waiting_count = 0;
    give_up(&ended, "the outbox cannot be used at the moment");
}

void chat_reader_free(struct chat_reader *reader)
{
    if (!reader)
        return;
    chat_reader_give_up(reader);
    while (reader->meters) {
        struct meter *meter = reader->meters;
        reader->meters = meter->next;
        pacer_clear(&meter->pacer);
        free(meter->key);
        free(meter);
    }
    free(reader);
}
