#include "tests/unit/queue/sim_state.h"

#include <string.h>

struct setup_names {
    char name[40], endpoint[40], thread[40], sender[40];
};

static struct pacer_limits own_limits(const struct sim_world *world)
{
    struct pacer_limits limits = world->program->scene.limits;
    for (size_t i = 0; i < limits.pace_count; i++)
        limits.paces[i].sends = msec_max(limits.paces[i].sends * world->pace_percent / 100, 1);
    return limits;
}

static struct route_setup setup_of(const struct sim_world *world, struct setup_names *names,
                                   int endpoint, const struct sim_route *route)
{
    sim_chat_endpoint_name(endpoint, names->endpoint);
    sim_chat_place_name(route->place, names->thread);
    sim_chat_sender_name(route->sender, names->sender);
    return (struct route_setup){ .name = names->name,
                                 .endpoint = names->endpoint,
                                 .thread = names->thread,
                                 .sender = names->sender,
                                 .limits = own_limits(world),
                                 .thread_retry = { 60000, 3600000 },
                                 .endpoint_retry = { 1000, 300000 },
                                 .late_mark = { .after_ms = 300000, .limit = 28672 },
                                 .digest = world->program->scene.digest,
                                 .report_after_ms = 300000,
                                 .settle_ms = SIM_SETTLE_MS,
                                 .on_doubt = route->on_doubt };
}

void sim_configure(struct sim_world *world)
{
    enum { MOST_SETUPS = SIM_THREADS + SIM_ENDPOINTS };
    struct route_setup setups[MOST_SETUPS];
    struct setup_names names[MOST_SETUPS];
    size_t count = 0;
    for (size_t i = 0; i < world->program->scene.threads; i++) {
        const struct sim_route *route = &world->routes[i];
        if (route->removed)
            continue;
        snprintf(names[count].name, sizeof names[count].name, "t%zu", i);
        setups[count] =
            setup_of(world, &names[count], world->program->scene.endpoint_of[route->place], route);
        count++;
    }
    /* In the end there is somebody at every endpoint who can look for what was tried there. */
    for (int endpoint = 1; endpoint < SIM_ENDPOINTS && world->calm; endpoint++) {
        snprintf(names[count].name, sizeof names[count].name, "looker%d", endpoint);
        const struct sim_route looker = { .place = SIM_PLACES + endpoint, .sender = 1 };
        setups[count] = setup_of(world, &names[count], endpoint, &looker);
        count++;
    }
    dispatcher_configure(world->dispatcher, setups, count, world->now);
    memset(names, 0, sizeof names); /* they were borrowed for the call */
}
