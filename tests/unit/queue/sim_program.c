#include "tests/unit/queue/sim_program.h"

#include <inttypes.h>
#include <stdlib.h>

static const msec_t second_ms = 1000, minute_ms = 60000, hour_ms = 3600000;

/* ---- making --------------------------------------------------------------------------------- */

static void make_limits(struct pacer_limits *limits, struct random *random)
{
    *limits = (struct pacer_limits){ .paces = { { 10, 10 * second_ms }, { 30, minute_ms } },
                                     .pace_count = 2,
                                     .pace_percent = 100 };
    if (random_percent(random, 50))
        limits->paces[0] = (struct pace){ random_between(random, 2, 10),
                                          random_between(random, second_ms, 20 * second_ms) };
    limits->urgent_percent = (int)random_between(random, 0, 3) * 10;
}

static void make_digest(struct digest_rule *rule, struct random *random)
{
    *rule = (struct digest_rule){ .mode = (enum digest_mode)random_between(random, DIGEST_OFF,
                                                                           DIGEST_ALWAYS),
                                  .after_ms = random_between(random, 0, minute_ms),
                                  .messages = random_between(random, 2, 50),
                                  .limit = random_between(random, 200, 2000),
                                  .utf16 = random_percent(random, 50) };
}

/* Everything but thread 0 shares what is left. */
static void make_scene(struct sim_scene *scene, struct random *random)
{
    scene->threads = (size_t)random_between(random, 2, SIM_THREADS);
    for (int i = 1; i < SIM_PLACES; i++)
        scene->endpoint_of[i] = (int)random_between(random, 1, SIM_ENDPOINTS - 1);
    for (size_t i = 1; i < scene->threads; i++) {
        scene->routes[i].place = (int)random_between(random, 1, SIM_PLACES - 1);
        scene->routes[i].sender = (int)random_between(random, 1, SIM_SENDERS - 1);
        if (random_percent(random, 25))
            scene->routes[i].on_doubt =
                random_percent(random, 50) ? ON_DOUBT_HOLD : ON_DOUBT_RISK_TWICE;
    }
    make_limits(&scene->limits, random);
    make_digest(&scene->digest, random);
    scene->shortest_trip_ms = random_between(random, 0, 300);
    scene->longest_trip_ms = scene->shortest_trip_ms + random_between(random, 0, 2000);
    scene->clock_ahead_ms = random_between(random, -10 * minute_ms, 10 * minute_ms);
    scene->lost_percent = (int)random_between(random, 0, 3) * 3;
    scene->poison_percent = (int)random_between(random, 0, 5);
}

static int some_thread(const struct sim_scene *scene, struct random *random)
{
    return (int)random_between(random, 1, (int64_t)scene->threads - 1);
}

static void make_send(struct sim_event *event, const struct sim_scene *scene, struct random *random)
{
    event->priority = (enum priority)random_between(random, PRIORITY_URGENT, PRIORITY_BULK);
    if (random_percent(random, 15)) {
        event->target = 0;
        event->priority = PRIORITY_NORMAL;
        event->count = 1;
        return;
    }
    event->target = some_thread(scene, random);
    event->count = (int)random_between(random, 1, random_percent(random, 10) ? 60 : 8);
    if (random_percent(random, 25))
        event->ttl_ms =
            random_between(random, second_ms, random_percent(random, 50) ? minute_ms : hour_ms);
    if (random_percent(random, 15))
        event->delay_ms = random_between(random, second_ms, 10 * minute_ms);
    if (random_percent(random, 25))
        event->fold = (int)random_between(random, 1, 2);
}

static void make_spell(struct sim_event *event, struct random *random)
{
    event->detail = (int)random_between(random, 0, SIM_SPELL_KINDS - 1);
    event->lasts_ms =
        random_between(random, 0, random_percent(random, 50) ? minute_ms : 2 * hour_ms);
    event->count = (int)random_between(random, 20, 100); /* so many percent are hit */
    if (event->detail <= SPELL_GATEWAY)
        event->target = (int)random_between(random, 1, SIM_ENDPOINTS - 1);
    else if (event->detail >= SPELL_TOKEN)
        event->target = (int)random_between(random, 1, SIM_SENDERS - 1);
    else
        event->target = (int)random_between(random, 1, SIM_PLACES - 1);
}

static enum sim_event_kind some_kind(struct random *random)
{
    static const struct {
        enum sim_event_kind kind;
        int weight; /* in percent, all together */
    } kinds[SIM_EVENT_KINDS] = {
        { EVENT_SEND, 36 }, { EVENT_EDIT, 6 },   { EVENT_UNSEND, 4 },  { EVENT_SPELL, 18 },
        { EVENT_CRASH, 9 }, { EVENT_REMOVE, 3 }, { EVENT_MOVE, 4 },    { EVENT_OTHER_SENDER, 2 },
        { EVENT_PACE, 2 },  { EVENT_HOLD, 3 },   { EVENT_RELEASE, 2 }, { EVENT_CANCEL, 2 },
        { EVENT_RETRY, 2 }, { EVENT_PAUSE, 2 },  { EVENT_FLUSH, 2 },   { EVENT_CLOCK, 3 }
    };
    int64_t left = random_between(random, 1, 100);
    for (size_t i = 0; i < SIM_EVENT_KINDS; i++)
        if ((left -= kinds[i].weight) <= 0)
            return kinds[i].kind;
    return EVENT_SEND;
}

static void make_event(struct sim_event *event, const struct sim_scene *scene,
                       struct random *random)
{
    event->kind = some_kind(random);
    event->target = some_thread(scene, random);
    switch (event->kind) {
    case EVENT_SEND:
        make_send(event, scene, random);
        break;
    case EVENT_SPELL:
        make_spell(event, random);
        break;
    case EVENT_CRASH:
        event->detail = (int)random_between(random, 0, SIM_CRASH_KINDS - 1);
        event->lasts_ms = random_percent(random, 70) ? random_between(random, 0, 5 * second_ms)
                                                     : random_between(random, 0, hour_ms);
        event->set_ms = random_percent(random, 40) ? random_between(random, -hour_ms, hour_ms) : 0;
        break;
    case EVENT_MOVE:
        event->detail = (int)random_between(random, 1, SIM_PLACES - 1);
        break;
    case EVENT_OTHER_SENDER:
        event->detail = (int)random_between(random, 1, SIM_SENDERS - 1);
        break;
    case EVENT_PACE:
        event->detail = (int)random_between(random, 20, 100);
        break;
    case EVENT_PAUSE:
        event->lasts_ms = random_between(random, 0, hour_ms);
        break;
    case EVENT_CLOCK:
        event->set_ms = random_between(random, -2 * hour_ms, 2 * hour_ms);
        break;
    case EVENT_EDIT:
    case EVENT_UNSEND:
    case EVENT_REMOVE:
    case EVENT_FLUSH:
    case EVENT_HOLD:
    case EVENT_RELEASE:
    case EVENT_CANCEL:
    case EVENT_RETRY:
        break;
    }
}

static int by_time(const void *one, const void *other)
{
    const struct sim_event *a = one, *b = other;
    return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

void sim_program_make(struct sim_program *program, uint64_t seed)
{
    struct random random = { seed };
    *program = (struct sim_program){ .seed = seed };
    make_scene(&program->scene, &random);
    msec_t lasts_ms = minute_ms << random_between(&random, 0, 11); /* to more than a day */
    program->count = (size_t)random_between(
        &random, 3, random_percent(&random, 20) ? SIM_MOST_EVENTS : SIM_MOST_EVENTS / 4);
    for (size_t i = 0; i < program->count; i++) {
        make_event(&program->events[i], &program->scene, &random);
        program->events[i].at_ms = random_between(&random, 0, lasts_ms);
    }
    qsort(program->events, program->count, sizeof program->events[0], by_time);
}

/* ---- printing ------------------------------------------------------------------------------- */

static const char *const spell_names[SIM_SPELL_KINDS] = { "no connection to endpoint",
                                                          "hanging requests at endpoint",
                                                          "5xx from endpoint",
                                                          "a gateway's refusals at endpoint",
                                                          "403 from place",
                                                          "400 from place",
                                                          "429 from place",
                                                          "401 for sender",
                                                          "403 for sender" };

static const char *const crash_names[SIM_CRASH_KINDS] = { "crash between turns",
                                                          "crash after the commit",
                                                          "commit fails, undone",
                                                          "commit fails, turn gone",
                                                          "commit fails, turn there after all",
                                                          "a change fails",
                                                          "a read fails" };

static const char *const on_doubt_names[] = {
    [ON_DOUBT_LOOK] = "look", [ON_DOUBT_HOLD] = "hold", [ON_DOUBT_RISK_TWICE] = "risk twice"
};

static void print_event(const struct sim_event *event, FILE *file)
{
    fprintf(file, "  %10.3f s  ", (double)event->at_ms / 1000);
    switch (event->kind) {
    case EVENT_SEND:
        fprintf(file, "%d messages to thread %d, %s", event->count, event->target,
                priority_name(event->priority));
        if (event->ttl_ms)
            fprintf(file, ", worthless after %" PRId64 " ms", event->ttl_ms);
        if (event->delay_ms)
            fprintf(file, ", due in %" PRId64 " ms", event->delay_ms);
        if (event->fold)
            fprintf(file, ", fold name %d", event->fold);
        break;
    case EVENT_SPELL:
        fprintf(file, "%s %d (%d %%) for %" PRId64 " ms", spell_names[event->detail], event->target,
                event->count, event->lasts_ms);
        break;
    case EVENT_CRASH:
        fprintf(file, "%s, away for %" PRId64 " ms", crash_names[event->detail], event->lasts_ms);
        if (event->set_ms)
            fprintf(file, ", and our wall clock is set by %+" PRId64 " ms before", event->set_ms);
        break;
    case EVENT_REMOVE:
        fprintf(file, "thread %d leaves the settings, or comes back", event->target);
        break;
    case EVENT_MOVE:
        fprintf(file, "thread %d leads to place %d", event->target, event->detail);
        break;
    case EVENT_OTHER_SENDER:
        fprintf(file, "thread %d is written to by sender %d", event->target, event->detail);
        break;
    case EVENT_PACE:
        fprintf(file, "our pace is %d %% of what is allowed", event->detail);
        break;
    case EVENT_HOLD:
        fprintf(file, "some of thread %d are held", event->target);
        break;
    case EVENT_RELEASE:
        fprintf(file, "all that are held are released");
        break;
    case EVENT_CANCEL:
        fprintf(file, "some of thread %d are cancelled", event->target);
        break;
    case EVENT_EDIT:
        fprintf(file, "some of thread %d are edited", event->target);
        break;
    case EVENT_UNSEND:
        fprintf(file, "some of thread %d are taken back", event->target);
        break;
    case EVENT_RETRY:
        fprintf(file, "some lost ones of thread %d are tried again", event->target);
        break;
    case EVENT_PAUSE:
        fprintf(file, "thread %d is paused for %" PRId64 " ms", event->target, event->lasts_ms);
        break;
    case EVENT_FLUSH:
        fprintf(file, "waits are flushed");
        break;
    case EVENT_CLOCK:
        fprintf(file, "our wall clock is set by %+" PRId64 " ms", event->set_ms);
        break;
    }
    fprintf(file, "\n");
}

void sim_program_print(const struct sim_program *program, FILE *file)
{
    const struct sim_scene *scene = &program->scene;
    fprintf(file,
            "  trips of %" PRId64 " to %" PRId64 " ms, %d %% of answers lost, clock %+" PRId64
            " ms, urgent share %d %%\n",
            scene->shortest_trip_ms, scene->longest_trip_ms, scene->lost_percent,
            scene->clock_ahead_ms, scene->limits.urgent_percent);
    for (size_t i = 0; i < scene->limits.pace_count; i++)
        fprintf(file, "  at most %" PRId64 " in %" PRId64 " ms\n", scene->limits.paces[i].sends,
                scene->limits.paces[i].window_ms);
    fprintf(file, "  digests of %" PRId64 " at most, %s, %" PRId64 " ms\n", scene->digest.messages,
            scene->digest.mode == DIGEST_OFF       ? "off"
            : scene->digest.mode == DIGEST_BACKLOG ? "from a backlog of"
                                                   : "always",
            scene->digest.after_ms);
    for (size_t i = 0; i < scene->threads; i++)
        fprintf(file, "  thread %zu: place %d at endpoint %d, sender %d, in doubt: %s\n", i,
                scene->routes[i].place, scene->endpoint_of[scene->routes[i].place],
                scene->routes[i].sender, on_doubt_names[scene->routes[i].on_doubt]);
    for (size_t i = 0; i < program->count; i++)
        print_event(&program->events[i], file);
}
