#include "daemon/checkup.h"

#include "base/duration.h"
#include "base/memory.h"
#include "daemon/check_desk.h"
#include "daemon/member.h"
#include "queue/retry.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/* A look that told nothing is made again. */
static const struct retry_policy again_policy = { .first_ms = 60000, .longest_ms = 3600000 };

enum {
    MOST_UNDER_WAY = 4, /* so that people find room among them */
    PARTICIPANTS = 100, /* a page; ACS: a thread has 250 at most */
    MOST_PAGES = 250,
    DAY_MS = 24 * 60 * 60 * 1000,
    FIRST_AFTER_MS = 60 * 1000,
    WOKEN_EVERY_MS =
        60 * 1000, /* a thread that refuses us all the time is not asked all the time */
    RETRY_MS = 10 * 1000,
};

struct checkup {
    struct desk *desk;
    struct chat_place place;
    char *identity; /* of its sender; NULL when the settings do not say */
    bool gone;      /* from the settings */
    bool under_way;
    msec_t next_steady_at;
    int64_t look;          /* the number of the latest; 0: it begins anew */
    msec_t done_steady_at; /* of the latest that came to an end; -1: none has */
    msec_t told_at;        /* of the latest that told something; 0: never */
    int64_t failures;      /* those since then */
    struct thread_condition condition;
    char **pages; /* of the participants, while they are read: the links that were followed */
    size_t page_count;
    struct checkup *next;
};

/* ---- what is known --------------------------------------------------------------------------- */

static struct checkup *find(const struct desk *desk, int64_t thread)
{
    for (struct checkup *checkup = desk->checkups; checkup; checkup = checkup->next)
        if (checkup->place.number == thread && !checkup->gone)
            return checkup;
    return NULL;
}

msec_t checkup_deletes_at(const struct desk *desk, int64_t thread)
{
    const struct checkup *checkup = find(desk, thread);
    return checkup ? thread_condition_deletes_at(&checkup->condition) : 0;
}

bool checkup_is_done(const struct desk *desk, int64_t thread, int64_t after_look)
{
    const struct checkup *checkup = find(desk, thread);
    return !checkup || (!checkup->under_way && checkup->look > after_look);
}

void checkup_add(const struct desk *desk, int64_t thread, json_t *threads, enum level *worst)
{
    const struct checkup *checkup = find(desk, thread);
    if (!checkup)
        return;
    enum level level = thread_condition_level(&checkup->condition, desk->now.at);
    json_t *object = json_object();
    member_text(object, "thread", checkup->place.name);
    member_text(object, "level", level_name(level));
    member_text(object, "sender", checkup->place.sender);
    member_number(object, "checked_at", checkup->told_at);
    thread_condition_add(&checkup->condition, object);
    json_array_append_new(threads, object);
    if (level > *worst)
        *worst = level;
}

/* ---- one look -------------------------------------------------------------------------------- */

static void warn(const struct checkup *checkup)
{
    const struct desk *desk = checkup->desk;
    const struct thread_condition *condition = &checkup->condition;
    msec_t deletes_at = thread_condition_deletes_at(condition);
    char left[DURATION_LONGEST_TEXT];
    if (thread_condition_level(condition, desk->now.at) == LEVEL_WELL)
        return;
    if (thread_condition_level_of_end(deletes_at, desk->now.at) != LEVEL_WELL) {
        duration_say(msec_max(deletes_at - desk->now.at, 0), left);
        result_log_say(desk->log, LOG_WARNING,
                       "[thread %s] deletes itself in %s (its retention policy)",
                       checkup->place.name, left);
    }
    if (condition->reason[0])
        result_log_say(desk->log, LOG_WARNING, "[thread %s] %s", checkup->place.name,
                       condition->reason);
}

static void drop_pages(struct checkup *checkup)
{
    for (size_t i = 0; i < checkup->page_count; i++)
        free(checkup->pages[i]);
    free(checkup->pages);
    checkup->pages = NULL;
    checkup->page_count = 0;
}

static void end(struct checkup *checkup, msec_t again_ms)
{
    drop_pages(checkup);
    checkup->under_way = false;
    checkup->next_steady_at = checkup->desk->now.steady_at + again_ms;
}

/* The service told how the thread is, or that something else is in the way. */
static void finish(struct checkup *checkup, bool is_told)
{
    struct desk *desk = checkup->desk;
    checkup->failures = is_told ? 0 : checkup->failures + 1;
    if (is_told)
        checkup->told_at = desk->now.at;
    end(checkup,
        is_told ? DAY_MS : retry_wait_ms(&again_policy, checkup->failures, dice_roll(desk->dice)));
    checkup->done_steady_at = desk->now.steady_at;
    if (checkup->failures <= 1)
        warn(checkup);
    check_desk_review(desk);
}

/* Nobody was asked, because we could not; or the settings have another thread here meanwhile. */
static bool is_void(const struct checkup *checkup, const struct chat_answer *answer)
{
    return checkup->gone || answer->given_up;
}

/* Who wants to know waits on. */
static void break_off(struct checkup *checkup)
{
    end(checkup, RETRY_MS);
    checkup->look = 0;
}

static void on_participants(void *context, const struct chat_answer *answer);

/* The one to be asked for; NULL: the first. */
static const char *last_page(const struct checkup *checkup)
{
    return checkup->page_count > 0 ? checkup->pages[checkup->page_count - 1] : NULL;
}

/* Whether the link leads on, and not in a circle. */
static bool leads_on(const struct checkup *checkup, const char *link)
{
    for (size_t i = 0; i < checkup->page_count; i++)
        if (strcmp(checkup->pages[i], link) == 0)
            return false;
    return checkup->page_count < MOST_PAGES;
}

static void turn_page(struct checkup *checkup, const char *link)
{
    checkup->pages = xreallocarray(checkup->pages, checkup->page_count + 1, sizeof *checkup->pages);
    checkup->pages[checkup->page_count++] = xstrdup(link);
}

static void ask(struct checkup *checkup, enum question_kind kind, question_done *done)
{
    const struct question question = { .kind = kind,
                                       .page_size = PARTICIPANTS,
                                       .page = last_page(checkup) };
    checkup->under_way =
        chat_reader_ask(checkup->desk->reader, &checkup->place, &question, done, checkup);
    if (!checkup->under_way)
        checkup->next_steady_at = checkup->desk->now.steady_at + RETRY_MS;
}

static void take_participants(struct checkup *checkup, const struct chat_answer *answer)
{
    bool found = thread_condition_find(&checkup->condition, answer->body, checkup->identity);
    if (!found && answer->next && leads_on(checkup, answer->next)) {
        turn_page(checkup, answer->next);
        ask(checkup, QUESTION_PARTICIPANTS, on_participants);
        return;
    }
    if (!found)
        thread_condition_miss(&checkup->condition, checkup->identity);
    finish(checkup, true);
}

static void on_participants(void *context, const struct chat_answer *answer)
{
    struct checkup *checkup = context;
    checkup->desk->now = clock_now(checkup->desk->floor->use.clock);
    if (is_void(checkup, answer))
        break_off(checkup);
    else if (answer->body)
        take_participants(checkup, answer);
    else
        finish(checkup, thread_condition_hide(&checkup->condition, &answer->verdict));
}

static void take_thread(struct checkup *checkup, const json_t *body)
{
    thread_condition_take(&checkup->condition, body);
    if (checkup->identity)
        ask(checkup, QUESTION_PARTICIPANTS, on_participants);
    else
        checkup->under_way = false;
    if (!checkup->under_way)
        finish(checkup, true);
}

static void on_thread(void *context, const struct chat_answer *answer)
{
    struct checkup *checkup = context;
    checkup->desk->now = clock_now(checkup->desk->floor->use.clock);
    if (is_void(checkup, answer))
        break_off(checkup);
    else if (answer->body)
        take_thread(checkup, answer->body);
    else
        finish(checkup, thread_condition_refuse(&checkup->condition, &answer->verdict));
}

static void begin(struct checkup *checkup)
{
    drop_pages(checkup); /* of one that found no room */
    ask(checkup, QUESTION_THREAD, on_thread);
    if (checkup->under_way)
        checkup->look = ++checkup->desk->latest_look;
}

/* ---- when ------------------------------------------------------------------------------------ */

static struct checkup *add(struct desk *desk, const struct directory_thread *thread)
{
    struct checkup *checkup = xcalloc(1, sizeof *checkup);
    checkup->desk = desk;
    checkup->place = chat_place_of(thread);
    checkup->identity = xstrdup_or_null(thread->settings->sender->identity);
    checkup->done_steady_at = -1;
    checkup->next_steady_at = desk->now.steady_at + FIRST_AFTER_MS;
    checkup->next = desk->checkups;
    desk->checkups = checkup;
    return checkup;
}

static bool is_same(const struct checkup *checkup, const struct directory_thread *thread)
{
    const char *identity = thread->settings->sender->identity;
    bool same_identity = identity && checkup->identity ? strcmp(identity, checkup->identity) == 0
                                                       : identity == checkup->identity;
    return same_identity && chat_place_is_of(&checkup->place, thread);
}

void checkup_configure(struct desk *desk)
{
    const struct directory *directory = desk->directory;
    for (struct checkup *checkup = desk->checkups; checkup; checkup = checkup->next) {
        const struct directory_thread *thread =
            directory_by_number(directory, checkup->place.number);
        checkup->gone = checkup->gone || !thread || !is_same(checkup, thread);
        if (!checkup->gone) /* it may have been renamed */
            replace_text(&checkup->place.name, xstrdup(thread->settings->name));
    }
    for (size_t i = 0; i < directory->thread_count; i++)
        if (!find(desk, directory->threads[i].number))
            add(desk, &directory->threads[i]);
    check_desk_review(desk);
}

void checkup_wake(struct desk *desk, int64_t thread)
{
    struct checkup *checkup = find(desk, thread);
    if (!checkup)
        return;
    msec_t soonest_at = checkup->done_steady_at < 0 ? desk->now.steady_at
                                                    : checkup->done_steady_at + WOKEN_EVERY_MS;
    checkup->next_steady_at = msec_min(checkup->next_steady_at, soonest_at);
}

static void checkup_free(struct checkup *checkup)
{
    chat_place_clear(&checkup->place);
    thread_condition_clear(&checkup->condition);
    free(checkup->identity);
    drop_pages(checkup);
    free(checkup);
}

static void drop_gone(struct desk *desk)
{
    struct checkup **link = &desk->checkups, *checkup = NULL;
    while ((checkup = *link)) {
        if (!checkup->gone || checkup->under_way) {
            link = &checkup->next;
            continue;
        }
        *link = checkup->next;
        checkup_free(checkup);
    }
}

msec_t checkup_tend(struct desk *desk)
{
    size_t under_way = 0;
    msec_t next_at = MSEC_NEVER;
    drop_gone(desk);
    for (const struct checkup *checkup = desk->checkups; checkup; checkup = checkup->next)
        under_way += checkup->under_way;
    for (struct checkup *checkup = desk->checkups; checkup; checkup = checkup->next) {
        if (checkup->under_way || checkup->gone)
            continue;
        bool is_due = checkup->next_steady_at <= desk->now.steady_at ||
                      check_desk_awaits(desk, checkup->place.number, checkup->look);
        if (is_due && under_way < MOST_UNDER_WAY) {
            begin(checkup);
            under_way += checkup->under_way;
        }
        /* Those that find no room now are asked for when another comes home. */
        if (!checkup->under_way && !is_due)
            next_at = msec_min(next_at, checkup->next_steady_at);
        else if (!checkup->under_way && under_way == 0)
            next_at = msec_min(next_at, desk->now.steady_at + RETRY_MS);
    }
    return next_at == MSEC_NEVER ? MSEC_NEVER : msec_max(next_at - desk->now.steady_at, 0);
}

void checkup_clear(struct desk *desk)
{
    while (desk->checkups) {
        struct checkup *checkup = desk->checkups;
        desk->checkups = checkup->next;
        checkup_free(checkup);
    }
}
