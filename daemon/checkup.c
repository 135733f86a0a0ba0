#include "daemon/checkup.h"

#include "base/duration.h"
#include "base/memory.h"
#include "chat/thread.h"
#include "daemon/member.h"
#include "daemon/token_view.h"
#include "wire/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

enum {
    MOST_UNDER_WAY = 4, /* so that people find room among them */
    PARTICIPANTS = 100, /* a page; ACS: a thread has 250 at most */
    HOUR_MS = 60 * 60 * 1000,
    DAY_MS = 24 * HOUR_MS,
    FIRST_AFTER_MS = 60 * 1000,
    WOKEN_EVERY_MS =
        60 * 1000, /* a thread that refuses us all the time is not asked all the time */
    RETRY_MS = 10 * 1000,
};

/* Yes, no, or nobody knows. */
enum fact { FACT_UNKNOWN, FACT_YES, FACT_NO };

struct checkup {
    struct desk *desk;
    struct chat_place place;
    char *identity; /* of its sender; NULL when the settings do not say */
    bool gone;      /* from the settings */
    bool under_way;
    msec_t next_steady_at;
    msec_t begun_steady_at, done_steady_at; /* of the latest look that came to an end */
    msec_t done_at;                         /* the same on the wall clock; 0: never */
    enum fact reads, sends;
    json_t *thread; /* as the service has it; NULL: it did not tell */
    struct thread_properties properties;
    int http;
    char reason[200];
    char *page; /* of the participants, while they are read */
    struct checkup *next;
};

/* Somebody who asked. */
struct checking {
    struct desk *desk;
    struct wait *wait; /* NULL: nobody waits any more */
    int64_t *threads;
    size_t count;
    bool sees_tokens;
    char *sender; /* whose token alone; NULL: all */
    msec_t asked_steady_at;
    struct checking *next;
};

/* ---- what is known --------------------------------------------------------------------------- */

static struct checkup *find(const struct desk *desk, int64_t thread)
{
    for (struct checkup *checkup = desk->checkups; checkup; checkup = checkup->next)
        if (checkup->place.number == thread && !checkup->gone)
            return checkup;
    return NULL;
}

static msec_t end_of(const struct checkup *checkup)
{
    const struct thread_properties *properties = &checkup->properties;
    if (properties->retention_days == 0 || properties->created_at == 0)
        return 0;
    return msec_add(properties->created_at, properties->retention_days * DAY_MS);
}

msec_t checkup_deletes_at(const struct desk *desk, int64_t thread)
{
    const struct checkup *checkup = find(desk, thread);
    return checkup ? end_of(checkup) : 0;
}

enum level checkup_level_of_end(msec_t deletes_at, msec_t now_at)
{
    enum { LOOK_DAYS = 14, ACT_DAYS = 3 };
    if (deletes_at == 0 || deletes_at - now_at > (msec_t)LOOK_DAYS * DAY_MS)
        return LEVEL_WELL;
    return deletes_at - now_at > (msec_t)ACT_DAYS * DAY_MS ? LEVEL_LOOK : LEVEL_ACT;
}

static enum level level_of_checkup(const struct checkup *checkup, msec_t now_at)
{
    if (checkup->properties.deleted_at || checkup->reads == FACT_NO || checkup->sends == FACT_NO)
        return LEVEL_ACT;
    enum level level = checkup_level_of_end(end_of(checkup), now_at);
    bool untold = checkup->reads == FACT_UNKNOWN;
    return untold && level == LEVEL_WELL ? LEVEL_LOOK : level;
}

static void add_fact(json_t *object, const char *name, enum fact fact)
{
    if (fact != FACT_UNKNOWN)
        json_object_set_new(object, name, json_boolean(fact == FACT_YES));
}

static json_t *view(const struct checkup *checkup, msec_t now_at)
{
    const struct thread_properties *properties = &checkup->properties;
    json_t *object = json_object();
    member_text(object, "thread", checkup->place.name);
    member_text(object, "level", level_name(level_of_checkup(checkup, now_at)));
    member_text(object, "sender", checkup->place.sender);
    member_number(object, "checked_at", checkup->done_at);
    add_fact(object, "reads", checkup->reads);
    add_fact(object, "sends", checkup->sends);
    member_text(object, "topic", properties->topic);
    member_text(object, "creator", properties->creator);
    member_number(object, "created_at", properties->created_at);
    member_number(object, "deleted_at", properties->deleted_at);
    json_t *policy = json_object_get(checkup->thread, "retentionPolicy");
    if (policy)
        json_object_set(object, "retention", policy);
    member_number(object, "deletes_at", end_of(checkup));
    member_number(object, "http", checkup->http);
    member_text(object, "reason", checkup->reason);
    return object;
}

/* ---- those who asked ------------------------------------------------------------------------- */

static void checking_free(struct checking *checking)
{
    if (checking->wait)
        checking->wait->known_as = NULL;
    free(checking->threads);
    free(checking->sender);
    free(checking);
}

static bool is_done(const struct checking *checking)
{
    for (size_t i = 0; i < checking->count; i++) {
        const struct checkup *checkup = find(checking->desk, checking->threads[i]);
        if (checkup && (checkup->under_way || checkup->begun_steady_at < checking->asked_steady_at))
            return false;
    }
    return true;
}

static void raise(enum level *worst, enum level level)
{
    if (level > *worst)
        *worst = level;
}

static void answer(const struct checking *checking)
{
    const struct desk *desk = checking->desk;
    struct wait *wait = checking->wait;
    json_t *threads = json_array();
    enum level worst = LEVEL_WELL;
    for (size_t i = 0; i < checking->count; i++) {
        const struct checkup *checkup = find(desk, checking->threads[i]);
        if (!checkup)
            continue;
        json_array_append_new(threads, view(checkup, desk->now.at));
        raise(&worst, level_of_checkup(checkup, desk->now.at));
    }
    json_t *members = json_pack("{s:o}", "threads", threads);
    if (checking->sees_tokens)
        json_object_set_new(members, "tokens", token_view_all(desk, checking->sender, &worst));
    member_text(members, "level", level_name(worst));
    desk_name_time_zone(desk, members);
    answer_json(peer_end_wait(wait, desk->floor->turn), members, wait->ref);
    json_decref(members);
}

static void answer_all(struct desk *desk)
{
    struct checking **link = &desk->checkings, *checking = NULL;
    while ((checking = *link)) {
        if (checking->wait && !is_done(checking)) {
            link = &checking->next;
            continue;
        }
        *link = checking->next;
        if (checking->wait)
            answer(checking);
        checking_free(checking);
    }
}

/* ---- one look -------------------------------------------------------------------------------- */

static void warn(const struct checkup *checkup)
{
    const struct desk *desk = checkup->desk;
    msec_t deletes_at = end_of(checkup);
    char left[DURATION_LONGEST_TEXT];
    if (level_of_checkup(checkup, desk->now.at) == LEVEL_WELL)
        return;
    if (checkup_level_of_end(deletes_at, desk->now.at) != LEVEL_WELL) {
        duration_say(msec_max(deletes_at - desk->now.at, 0), left);
        result_log_say(desk->log, LOG_WARNING,
                       "[thread %s] deletes itself in %s (its retention policy)",
                       checkup->place.name, left);
    }
    if (checkup->reason[0])
        result_log_say(desk->log, LOG_WARNING, "[thread %s] %s", checkup->place.name,
                       checkup->reason);
}

static void finish(struct checkup *checkup)
{
    struct desk *desk = checkup->desk;
    free(checkup->page);
    checkup->page = NULL;
    checkup->under_way = false;
    checkup->done_steady_at = desk->now.steady_at;
    checkup->done_at = desk->now.at;
    checkup->next_steady_at = desk->now.steady_at + DAY_MS;
    warn(checkup);
    answer_all(desk);
}

static void on_participants(void *context, const struct chat_answer *answer);

static void ask(struct checkup *checkup, enum question_kind kind, question_done *done)
{
    const struct question question = { .kind = kind,
                                       .page_size = PARTICIPANTS,
                                       .page = checkup->page };
    checkup->under_way =
        chat_reader_ask(checkup->desk->reader, &checkup->place, &question, done, checkup);
    if (!checkup->under_way)
        checkup->next_steady_at = checkup->desk->now.steady_at + RETRY_MS;
}

static void note_refusal(struct checkup *checkup, const struct delivery *verdict)
{
    checkup->http = verdict->http;
    snprintf(checkup->reason, sizeof checkup->reason, "%s", verdict->detail);
}

static bool is_among(const json_t *participants, const char *identity)
{
    const json_t *participant = NULL;
    size_t i = 0;
    json_array_foreach(participants, i, participant)
    {
        const json_t *model = json_object_get(participant, "communicationIdentifier");
        const char *raw = json_string_value(json_object_get(model, "rawId"));
        const char *id =
            json_string_value(json_object_get(json_object_get(model, "communicationUser"), "id"));
        if ((raw && strcmp(raw, identity) == 0) || (id && strcmp(id, identity) == 0))
            return true;
    }
    return false;
}

static void take_participants(struct checkup *checkup, const struct chat_answer *answer)
{
    if (is_among(json_object_get(answer->body, "value"), checkup->identity)) {
        checkup->sends = FACT_YES;
        finish(checkup);
    } else if (answer->next && (!checkup->page || strcmp(answer->next, checkup->page) != 0)) {
        free(checkup->page);
        checkup->page = xstrdup(answer->next);
        ask(checkup, QUESTION_PARTICIPANTS, on_participants);
    } else {
        checkup->sends = FACT_NO;
        snprintf(checkup->reason, sizeof checkup->reason,
                 "%.120s is no participant, and so may not send", checkup->identity);
        finish(checkup);
    }
}

static void on_participants(void *context, const struct chat_answer *answer)
{
    struct checkup *checkup = context;
    checkup->desk->now = clock_now(checkup->desk->floor->use.clock);
    if (answer->body) {
        take_participants(checkup, answer);
        return;
    }
    if (answer->verdict.scope == SCOPE_THREAD && !answer->verdict.throttled)
        checkup->sends = FACT_NO;
    note_refusal(checkup, &answer->verdict);
    finish(checkup);
}

static void take_thread(struct checkup *checkup, const json_t *body)
{
    char *dumped = json_dumps(body, 0);
    checkup->reads = FACT_YES;
    checkup->thread = json_deep_copy(body);
    if (!thread_parse(&checkup->properties, dumped, strlen(dumped), NULL))
        checkup->properties = (struct thread_properties){ 0 };
    free(dumped);
    if (checkup->properties.deleted_at)
        snprintf(checkup->reason, sizeof checkup->reason, "it has been deleted");
}

static void on_thread(void *context, const struct chat_answer *answer)
{
    struct checkup *checkup = context;
    checkup->desk->now = clock_now(checkup->desk->floor->use.clock);
    checkup->http = 0;
    checkup->reason[0] = '\0';
    checkup->reads = checkup->sends = FACT_UNKNOWN;
    json_decref(checkup->thread);
    checkup->thread = NULL;
    checkup->properties = (struct thread_properties){ 0 };
    if (answer->body) {
        take_thread(checkup, answer->body);
        if (checkup->identity) {
            ask(checkup, QUESTION_PARTICIPANTS, on_participants);
            if (checkup->under_way)
                return;
        }
    } else {
        if (answer->verdict.scope == SCOPE_THREAD && !answer->verdict.throttled)
            checkup->reads = checkup->sends = FACT_NO;
        note_refusal(checkup, &answer->verdict);
    }
    finish(checkup);
}

static void begin(struct checkup *checkup)
{
    msec_t begun_steady_at = checkup->desk->now.steady_at;
    ask(checkup, QUESTION_THREAD, on_thread);
    if (checkup->under_way)
        checkup->begun_steady_at = begun_steady_at;
}

/* ---- when ------------------------------------------------------------------------------------ */

static struct checkup *add(struct desk *desk, const struct directory_thread *thread)
{
    struct checkup *checkup = xcalloc(1, sizeof *checkup);
    checkup->desk = desk;
    checkup->place = chat_place_of(thread);
    checkup->identity = xstrdup_or_null(thread->settings->sender->identity);
    checkup->begun_steady_at = checkup->done_steady_at = -1;
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
    return same_identity && strcmp(checkup->place.thread, thread->settings->id) == 0 &&
           strcmp(checkup->place.sender, thread->settings->sender_name) == 0 &&
           strcmp(checkup->place.endpoint, thread->settings->sender->endpoint) == 0;
}

void checkup_configure(struct desk *desk)
{
    const struct directory *directory = desk->directory;
    for (struct checkup *checkup = desk->checkups; checkup; checkup = checkup->next) {
        const struct directory_thread *thread =
            directory_by_number(directory, checkup->place.number);
        checkup->gone = checkup->gone || !thread || !is_same(checkup, thread);
    }
    for (size_t i = 0; i < directory->thread_count; i++)
        if (!find(desk, directory->threads[i].number))
            add(desk, &directory->threads[i]);
    answer_all(desk);
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

static bool is_asked_for(const struct desk *desk, const struct checkup *checkup)
{
    for (const struct checking *checking = desk->checkings; checking; checking = checking->next)
        for (size_t i = 0; i < checking->count; i++)
            if (checking->threads[i] == checkup->place.number &&
                checkup->begun_steady_at < checking->asked_steady_at)
                return true;
    return false;
}

static void checkup_free(struct checkup *checkup)
{
    chat_place_clear(&checkup->place);
    json_decref(checkup->thread);
    free(checkup->identity);
    free(checkup->page);
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
        bool is_due = checkup->next_steady_at <= desk->now.steady_at || is_asked_for(desk, checkup);
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
    while (desk->checkings) {
        struct checking *checking = desk->checkings;
        desk->checkings = checking->next;
        checking_free(checking);
    }
    while (desk->checkups) {
        struct checkup *checkup = desk->checkups;
        desk->checkups = checkup->next;
        checkup_free(checkup);
    }
}

/* ---- the operation --------------------------------------------------------------------------- */

static bool may_see(const struct desk *desk, const struct asker *asker,
                    const struct directory_thread *thread)
{
    return directory_admits(thread, asker) || directory_is_operator(desk->directory, asker);
}

static bool is_meant(const struct request *request, const struct directory_thread *thread)
{
    if (request->thread)
        return strcmp(request->thread, thread->settings->name) == 0;
    return !request->sender || strcmp(request->sender, thread->settings->sender_name) == 0;
}

static bool is_known(const struct desk *desk, const struct asker *asker,
                     const struct request *request, size_t count, struct refusal *refusal)
{
    if (request->thread && !directory_find(desk->directory, request->thread))
        return refusal_set(refusal, REFUSAL_UNKNOWN_THREAD, "thread",
                           "there is no thread \"%.64s\" in the settings", request->thread);
    if (request->thread && count == 0)
        return refusal_set(refusal, REFUSAL_DENIED, "thread",
                           "%s may not send to thread %.64s (setting allow)", asker->user,
                           request->thread);
    if (request->sender && !token_view_knows(desk, request->sender))
        return refusal_set(refusal, REFUSAL_INVALID, "sender",
                           "there is no sender \"%.64s\" in the settings", request->sender);
    return true;
}

void checkup_answer(struct desk *desk, struct peer *peer, const struct request *request)
{
    const struct directory *directory = desk->directory;
    struct refusal refusal;
    struct checking *checking = xcalloc(1, sizeof *checking);
    checking->desk = desk;
    checking->threads = xcalloc(directory->thread_count + 1, sizeof *checking->threads);
    for (size_t i = 0; i < directory->thread_count; i++)
        if (is_meant(request, &directory->threads[i]) &&
            may_see(desk, &peer->asker, &directory->threads[i]))
            checking->threads[checking->count++] = directory->threads[i].number;
    if (!is_known(desk, &peer->asker, request, checking->count, &refusal)) {
        checking_free(checking);
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    const struct directory_thread *thread =
        request->thread ? directory_find(directory, request->thread) : NULL;
    checking->sees_tokens = directory_is_operator(directory, &peer->asker);
    checking->sender = xstrdup_or_null(thread ? thread->settings->sender_name : request->sender);
    checking->asked_steady_at = desk->now.steady_at;
    checking->next = desk->checkings;
    desk->checkings = checking;
    peer_add_wait(peer, wait_new_known(peer, request->ref, &checking->wait));
    answer_all(desk);
}
