#include "tests/unit/queue/sim_chat.h"

#include "base/memory.h"
#include "tests/fakes/window_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const msec_t epoch_at = 1700000000000;
enum { VISIBLE_WITHIN_MS = SIM_SETTLE_MS / 2 };

/* What becomes of a request on its way. */
enum fate {
    FATE_ANSWERED,
    FATE_UNSENT,      /* no connection */
    FATE_LOST,        /* it never arrives */
    FATE_ANSWER_LOST, /* it arrives, and we do not learn of it */
    FATE_LATE,        /* it arrives after we gave it up */
};

struct request {
    void *tag; /* NULL: nobody waits for it any more */
    enum work_kind kind;
    int place, sender;
    enum message_kind message_kind;
    int64_t about; /* of an update or a delete: the message that the chat calls so */
    int number;    /* see sim_chat_number() */
    char stamp[STAMP_LENGTH + 1];
    char *content;    /* of a send or an update */
    struct look look; /* a copy; its stamps live as long as somebody waits */
    enum fate fate;
    msec_t arrives_at, ends_at; /* MSEC_NEVER: not any more */
    struct delivery delivery;
    bool complete;         /* a look: every page was read */
    struct finding *found; /* likewise */
};

struct post {
    char stamp[STAMP_LENGTH + 1];
    int64_t id;
    msec_t visible_at;
    int number;
};

struct place_state {
    struct post *posts;
    size_t post_count;
    int64_t latest_id;
    msec_t *counted_at; /* arrivals of sends */
    size_t counted;
};

struct spell {
    enum sim_spell_kind kind;
    int target, percent;
    msec_t until_at;
};

struct sim_chat {
    struct sim_chat_setup use;
    struct request *requests;
    size_t count, capacity;
    struct place_state places[SIM_PLACES];
    struct finding *told; /* by the latest look that ended */
    struct spell spells[SIM_MOST_EVENTS];
    size_t spell_count;
    bool calm;
};

struct sim_chat *sim_chat_new(const struct sim_chat_setup *setup)
{
    struct sim_chat *chat = xcalloc(1, sizeof *chat);
    chat->use = *setup;
    return chat;
}

static void clear_request(struct request *request)
{
    free(request->found);
    free(request->content);
}

void sim_chat_free(struct sim_chat *chat)
{
    for (size_t i = 0; i < chat->count; i++)
        clear_request(&chat->requests[i]);
    for (size_t i = 0; i < SIM_PLACES; i++) {
        free(chat->places[i].posts);
        free(chat->places[i].counted_at);
    }
    free(chat->requests);
    free(chat->told);
    free(chat);
}

/* ---- names ---------------------------------------------------------------------------------- */

void sim_chat_endpoint_name(int endpoint, char name[40])
{
    snprintf(name, 40, "https://e%d.example", endpoint);
}

void sim_chat_place_name(int place, char name[40])
{
    snprintf(name, 40, "19:%d@thread.v2", place);
}

void sim_chat_sender_name(int sender, char name[40])
{
    snprintf(name, 40, "s%d", sender);
}

static int place_of_name(const char *name)
{
    return (int)strtol(name + strlen("19:"), NULL, 10);
}

static int sender_of_name(const char *name)
{
    return (int)strtol(name + strlen("s"), NULL, 10);
}

/* ---- weather -------------------------------------------------------------------------------- */

void sim_chat_spell(struct sim_chat *chat, const struct sim_event *event, msec_t now_ms)
{
    chat->spells[chat->spell_count++] = (struct spell){ .kind = (enum sim_spell_kind)event->detail,
                                                        .target = event->target,
                                                        .percent = event->count,
                                                        .until_at = now_ms + event->lasts_ms };
}

void sim_chat_calm(struct sim_chat *chat)
{
    chat->calm = true;
}

/* Does a spell hit a request now? */
static bool hits(struct sim_chat *chat, enum sim_spell_kind kind, int target, msec_t now_ms)
{
    for (size_t i = 0; i < chat->spell_count && !chat->calm; i++) {
        const struct spell *spell = &chat->spells[i];
        if (spell->kind == kind && spell->target == target && spell->until_at > now_ms &&
            random_percent(chat->use.random, spell->percent))
            return true;
    }
    return false;
}

static int endpoint_of(const struct sim_chat *chat, const struct request *request)
{
    return chat->use.scene->endpoint_of[request->place];
}

/* No trouble but spells: in the end, and for the innocent thread. */
static bool is_fair(const struct sim_chat *chat, const struct request *request)
{
    return chat->calm || endpoint_of(chat, request) == 0;
}

static enum fate fate_of(struct sim_chat *chat, const struct request *request, msec_t now_ms)
{
    struct random *random = chat->use.random;
    int endpoint = endpoint_of(chat, request);
    if (hits(chat, SPELL_DOWN, endpoint, now_ms))
        return FATE_UNSENT;
    if (hits(chat, SPELL_HANG, endpoint, now_ms))
        return (enum fate)random_between(random, FATE_LOST, FATE_LATE);
    if (!is_fair(chat, request) && random_percent(random, chat->use.scene->lost_percent))
        return (enum fate)random_between(random, FATE_LOST, FATE_LATE);
    return FATE_ANSWERED;
}

/* ---- start ---------------------------------------------------------------------------------- */

static void start(struct sim_chat *chat, struct request *request, msec_t now_ms)
{
    struct random *random = chat->use.random;
    const struct sim_scene *scene = chat->use.scene;
    msec_t trip_ms = random_between(random, scene->shortest_trip_ms, scene->longest_trip_ms);

    request->fate = fate_of(chat, request, now_ms);
    request->arrives_at = now_ms + random_between(random, 0, trip_ms);
    request->ends_at = now_ms + trip_ms;
    if (request->fate == FATE_UNSENT || request->fate == FATE_LOST)
        request->arrives_at = MSEC_NEVER;
    if (request->fate >= FATE_LOST) /* a reset, or a time-out */
        request->ends_at += random_between(random, 0, SIM_TIMEOUT_MS - trip_ms);
    if (request->fate == FATE_LATE)
        request->arrives_at = request->ends_at + random_between(random, 0, SIM_SETTLE_MS / 2 - 1);
    request->delivery = (struct delivery){ .wait_ms = DELIVERY_NO_WAIT, .request_ms = trip_ms };

    if (chat->count == chat->capacity) {
        chat->capacity = chat->capacity ? 2 * chat->capacity : 16;
        chat->requests = xreallocarray(chat->requests, chat->capacity, sizeof *request);
    }
    chat->requests[chat->count++] = *request;
}

void sim_chat_send(struct sim_chat *chat, const struct parcel *parcel, void *tag, struct moment now)
{
    struct request request = { .tag = tag,
                               .place = place_of_name(parcel->thread),
                               .sender = sender_of_name(parcel->sender) };
    memcpy(request.stamp, parcel->message->stamp, sizeof request.stamp);
    request.message_kind = parcel->message->kind;
    if (message_kind_repeats(parcel->message->kind))
        request.about = strtoll(parcel->message->remote_id, NULL, 10);
    if (parcel->message->content) {
        request.number = sim_chat_number(parcel->message->content);
        request.content = xstrdup(parcel->message->content);
    }
    start(chat, &request, now.steady_at);
}

void sim_chat_look(struct sim_chat *chat, const struct look *look, void *tag, struct moment now)
{
    struct request request = { .tag = tag,
                               .kind = WORK_LOOK,
                               .place = place_of_name(look->thread),
                               .sender = sender_of_name(look->sender),
                               .look = *look };
    request.found = xcalloc(look->count, sizeof *request.found);
    pacer_begin(look->lists, true);
    start(chat, &request, now.steady_at);
}

void sim_chat_inspect(struct sim_chat *chat, const struct inspection *inspection, void *tag,
                      struct moment now)
{
    struct request request = { .tag = tag,
                               .kind = WORK_INSPECT,
                               .place = place_of_name(inspection->thread),
                               .sender = sender_of_name(inspection->sender) };
    start(chat, &request, now.steady_at);
}

/* ---- at the service ------------------------------------------------------------------------- */

static int64_t service_clock(const struct sim_chat *chat, msec_t now_ms)
{
    return epoch_at + now_ms + chat->use.scene->clock_ahead_ms;
}

static void refuse(struct request *request, int http, enum outcome outcome, enum scope scope)
{
    request->delivery.http = http;
    request->delivery.outcome = outcome;
    request->delivery.scope = scope;
    request->delivery.throttled = http == 429;
    snprintf(request->delivery.detail, sizeof request->delivery.detail, "%d", http);
}

static void *grown(void *items, size_t count, size_t size)
{
    /* Full at every power of two. */
    return count & (count - 1) ? items : xreallocarray(items, count ? 2 * count : 1, size);
}

static void count_arrival(struct place_state *place, msec_t now_ms)
{
    place->counted_at = grown(place->counted_at, place->counted, sizeof *place->counted_at);
    place->counted_at[place->counted++] = now_ms;
}

static int64_t post(struct sim_chat *chat, int where, const char *stamp, int number, msec_t now_ms,
                    msec_t visible_at)
{
    struct place_state *place = &chat->places[where];
    int64_t id = msec_max(place->latest_id + 1, service_clock(chat, now_ms));
    struct post post = { .id = id, .visible_at = visible_at, .number = number };
    memcpy(post.stamp, stamp, sizeof post.stamp);
    place->posts = grown(place->posts, place->post_count, sizeof *place->posts);
    place->posts[place->post_count++] = post;
    place->latest_id = id;
    return id;
}

static void take(struct sim_chat *chat, struct request *request, msec_t now_ms)
{
    msec_t hidden_ms = random_between(chat->use.random, 0, VISIBLE_WITHIN_MS);
    int64_t id =
        post(chat, request->place, request->stamp, request->number, now_ms, now_ms + hidden_ms);
    snprintf(request->delivery.remote_id, sizeof request->delivery.remote_id, "%" PRId64, id);
    chat->use.taken(chat->use.context, request->stamp, request->content, request->place);
}

void sim_chat_post(struct sim_chat *chat, int place, const struct message *message, msec_t now_ms)
{
    post(chat, place, message->stamp, sim_chat_number(message->content), now_ms, now_ms);
}

/* A no that comes before the message is looked at. True when there is one. */
static bool refused_at_the_door(struct sim_chat *chat, struct request *request, msec_t now_ms)
{
    struct random *random = chat->use.random;
    int endpoint = endpoint_of(chat, request);
    if (hits(chat, SPELL_GATEWAY, endpoint, now_ms))
        refuse(request, 302, OUTCOME_REFUSED, SCOPE_ENDPOINT);
    else if (hits(chat, SPELL_TOKEN, request->sender, now_ms))
        refuse(request, 401, OUTCOME_REFUSED, SCOPE_SENDER);
    else if (hits(chat, SPELL_FORBIDDEN, request->place, now_ms) ||
             hits(chat, SPELL_STRANGER, request->sender, now_ms))
        refuse(request, 403, OUTCOME_REFUSED, SCOPE_MEMBER);
    else if (hits(chat, SPELL_UNCLEAR, request->place, now_ms))
        refuse(request, 400, OUTCOME_REFUSED, SCOPE_UNCLEAR);
    else if (hits(chat, SPELL_THROTTLED, request->place, now_ms))
        refuse(request, 429, OUTCOME_REFUSED, SCOPE_THREAD);
    else
        return false;
    if (request->delivery.throttled && random_percent(random, 50))
        request->delivery.wait_ms = random_between(random, 0, 2LL * SIM_TIMEOUT_MS);
    return true;
}

int sim_chat_number(const char *content)
{
    const char *blank = strrchr(content, ' ');
    return blank ? (int)strtol(blank + 1, NULL, 10) : 0;
}

static struct post *find_post(const struct place_state *place, int64_t id)
{
    for (size_t i = 0; i < place->post_count; i++)
        if (place->posts[i].id == id)
            return &place->posts[i];
    return NULL;
}

int sim_chat_shows(const struct sim_chat *chat, const char *stamp, const char *remote_id)
{
    for (size_t i = 0; i < SIM_PLACES; i++) {
        const struct post *post = find_post(&chat->places[i], strtoll(remote_id, NULL, 10));
        if (post && strcmp(post->stamp, stamp) == 0)
            return post->number;
    }
    return SIM_UNKNOWN;
}

/* An update or a delete. */
static void change(struct sim_chat *chat, struct request *request)
{
    struct post *post = find_post(&chat->places[request->place], request->about);
    bool is_there = post && post->number != SIM_DELETED;
    if (!is_there && request->message_kind == MESSAGE_UPDATE) {
        refuse(request, 404, OUTCOME_REFUSED, SCOPE_UNCLEAR);
        return;
    }
    if (is_there)
        post->number = request->message_kind == MESSAGE_UPDATE ? request->number : SIM_DELETED;
    request->delivery.outcome = OUTCOME_SENT;
    request->delivery.http = 204;
    snprintf(request->delivery.remote_id, sizeof request->delivery.remote_id, "%" PRId64,
             request->about);
}

static void arrive_change(struct sim_chat *chat, struct request *request, msec_t now_ms)
{
    count_arrival(&chat->places[request->place], now_ms);
    if (refused_at_the_door(chat, request, now_ms)) {
        if (request->delivery.http == 403)
            request->delivery.scope = SCOPE_UNCLEAR;
        return;
    }
    bool breaks = hits(chat, SPELL_ERROR, endpoint_of(chat, request), now_ms);
    if (!breaks || random_percent(chat->use.random, 50))
        change(chat, request);
    if (breaks)
        refuse(request, 503, OUTCOME_DOUBT, SCOPE_ENDPOINT);
}

static void arrive_send(struct sim_chat *chat, struct request *request, msec_t now_ms)
{
    count_arrival(&chat->places[request->place], now_ms);
    if (refused_at_the_door(chat, request, now_ms)) {
        if (request->delivery.scope == SCOPE_UNCLEAR)
            chat->use.wronged(chat->use.context, request->stamp, request->content);
        return;
    }
    if (chat->use.poisonous(chat->use.context, request->stamp, request->content)) {
        if (random_percent(chat->use.random, 50))
            refuse(request, 413, OUTCOME_REFUSED, SCOPE_MESSAGE);
        else
            refuse(request, 400, OUTCOME_REFUSED, SCOPE_UNCLEAR);
        return;
    }
    bool breaks = hits(chat, SPELL_ERROR, endpoint_of(chat, request), now_ms);
    if (!breaks || random_percent(chat->use.random, 50))
        take(chat, request, now_ms);
    if (breaks)
        refuse(request, 503, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    else
        request->delivery.outcome = OUTCOME_SENT, request->delivery.http = 201;
}

static void find(const struct place_state *place, const struct look *look, bool complete,
                 struct finding *found, struct random *random, msec_t now_ms)
{
    for (size_t s = 0; s < look->count; s++)
        for (size_t i = 0; i < place->post_count; i++) {
            const struct post *post = &place->posts[i];
            if (post->visible_at <= now_ms && post->id >= look->since_at &&
                strcmp(post->stamp, look->stamps[s]) == 0 &&
                (complete || random_percent(random, 50)))
                snprintf(found[s].remote_id, sizeof found[s].remote_id, "%" PRId64, post->id);
        }
}

static void arrive_look(struct sim_chat *chat, struct request *request, msec_t now_ms)
{
    if (!request->tag || refused_at_the_door(chat, request, now_ms))
        return;
    if (hits(chat, SPELL_ERROR, endpoint_of(chat, request), now_ms)) {
        refuse(request, 500, OUTCOME_DOUBT, SCOPE_ENDPOINT);
        return;
    }
    request->delivery.outcome = OUTCOME_SENT, request->delivery.http = 200;
    request->complete = is_fair(chat, request) || random_percent(chat->use.random, 95);
    find(&chat->places[request->place], &request->look, request->complete, request->found,
         chat->use.random, now_ms);
}

static void arrive_inspection(struct sim_chat *chat, struct request *request, msec_t now_ms)
{
    if (!request->tag || refused_at_the_door(chat, request, now_ms))
        return;
    if (hits(chat, SPELL_ERROR, endpoint_of(chat, request), now_ms))
        refuse(request, 500, OUTCOME_DOUBT, SCOPE_ENDPOINT);
    else
        request->delivery.outcome = OUTCOME_SENT, request->delivery.http = 200;
}

static void arrive(struct sim_chat *chat, struct request *request)
{
    msec_t now_ms = request->arrives_at;
    request->arrives_at = MSEC_NEVER;
    if (request->kind == WORK_LOOK)
        arrive_look(chat, request, now_ms);
    else if (request->kind == WORK_INSPECT)
        arrive_inspection(chat, request, now_ms);
    else if (message_kind_repeats(request->message_kind))
        arrive_change(chat, request, now_ms);
    else
        arrive_send(chat, request, now_ms);
}

/* The request that arrives next, NULL for none by now. */
static struct request *next_arrival(struct sim_chat *chat, msec_t now_ms)
{
    struct request *next = NULL;
    for (struct request *request = chat->requests; request < chat->requests + chat->count;
         request++)
        if (request->arrives_at <= now_ms && (!next || request->arrives_at < next->arrives_at))
            next = request;
    return next;
}

void sim_chat_run(struct sim_chat *chat, msec_t now_ms)
{
    struct request *request = NULL;
    while ((request = next_arrival(chat, now_ms)))
        arrive(chat, request);
}

/* ---- back with us --------------------------------------------------------------------------- */

static void forget(struct sim_chat *chat, struct request *request)
{
    clear_request(request);
    *request = chat->requests[--chat->count];
}

/* What we learn of it. */
static struct delivery learned(const struct sim_chat *chat, const struct request *request,
                               struct moment now)
{
    struct delivery delivery = request->delivery;
    if (request->fate == FATE_ANSWERED) {
        delivery.dated = true;
        delivery.clock_ahead_ms = service_clock(chat, now.steady_at) / 1000 * 1000 - now.at;
        return delivery;
    }
    delivery = (struct delivery){ .outcome = OUTCOME_DOUBT,
                                  .scope = SCOPE_ENDPOINT,
                                  .wait_ms = DELIVERY_NO_WAIT,
                                  .code = "timeout" };
    if (request->fate == FATE_UNSENT)
        delivery.outcome = OUTCOME_UNSENT;
    return delivery;
}

/* What it found belongs to the chat until the next end. */
static void end_look(struct sim_chat *chat, struct request *request, struct moment now,
                     struct findings *findings)
{
    bool answered = request->fate == FATE_ANSWERED;
    pacer_end(request->look.lists, true, now.steady_at);
    if (!answered)
        memset(request->found, 0, request->look.count * sizeof *request->found);
    findings->complete = answered && request->complete;
    findings->found = request->found;
    free(chat->told);
    chat->told = request->found;
    request->found = NULL;
}

bool sim_chat_end(struct sim_chat *chat, struct moment now, struct sim_end *end)
{
    for (struct request *request = chat->requests; request < chat->requests + chat->count;
         request++) {
        if (!request->tag || request->ends_at > now.steady_at)
            continue;
        *end = (struct sim_end){ .tag = request->tag, .kind = request->kind };
        end->delivery = learned(chat, request, now);
        if (request->kind == WORK_LOOK)
            end_look(chat, request, now, &end->findings);
        end->findings.answer = end->delivery;
        end->inspected.answered = end->delivery.outcome == OUTCOME_SENT;
        end->inspected.answer = end->delivery;
        request->tag = NULL;
        request->ends_at = MSEC_NEVER;
        if (request->arrives_at == MSEC_NEVER)
            forget(chat, request);
        return true;
    }
    return false;
}

void sim_chat_abandon(struct sim_chat *chat, msec_t now_ms)
{
    struct random *random = chat->use.random;
    for (size_t i = chat->count; i-- > 0;) {
        struct request *request = &chat->requests[i];
        bool waits = request->tag != NULL;
        request->tag = NULL;
        request->ends_at = MSEC_NEVER;
        if (request->arrives_at != MSEC_NEVER && waits)
            request->arrives_at = random_percent(random, 50)
                                      ? MSEC_NEVER
                                      : now_ms + random_between(random, 0, SIM_SETTLE_MS / 2 - 1);
        if (request->arrives_at == MSEC_NEVER || request->kind != WORK_SEND)
            forget(chat, request);
    }
}

msec_t sim_chat_next_at(const struct sim_chat *chat)
{
    msec_t next_at = MSEC_NEVER;
    for (const struct request *request = chat->requests; request < chat->requests + chat->count;
         request++)
        next_at = msec_min(next_at, msec_min(request->arrives_at, request->ends_at));
    return next_at;
}

size_t sim_chat_under_way(const struct sim_chat *chat)
{
    size_t count = 0;
    for (size_t i = 0; i < chat->count; i++)
        count += chat->requests[i].tag != NULL;
    return count;
}

size_t sim_chat_overspent(struct sim_chat *chat)
{
    const struct pacer_limits *limits = &chat->use.scene->limits;
    size_t overspent = 0;
    for (size_t i = 0; i < SIM_PLACES; i++) {
        struct place_state *place = &chat->places[i];
        for (size_t p = 0; p < limits->pace_count; p++) {
            const struct pace *pace = &limits->paces[p];
            overspent += window_check_sliding(place->counted_at, place->counted, pace);
            overspent +=
                window_check_fixed(place->counted_at, place->counted, pace,
                                   random_between(chat->use.random, 0, pace->window_ms - 1));
        }
        place->counted = 0;
    }
    return overspent;
}
