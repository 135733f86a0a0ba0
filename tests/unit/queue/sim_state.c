#include "tests/unit/queue/sim_state.h"

#include <stdarg.h>

bool sim_fail(struct sim_world *world, const char *format, ...)
{
    va_list arguments;
    if (world->result->failure[0])
        return false;
    va_start(arguments, format);
    vsnprintf(world->result->failure, sizeof world->result->failure, format, arguments);
    va_end(arguments);
    return false;
}

void sim_say(const struct sim_world *world, const char *format, ...)
{
    va_list arguments;
    if (!world->trace)
        return;
    fprintf(world->trace, "  %10.3f s  ", (double)world->now.steady_at / 1000);
    va_start(arguments, format);
    vfprintf(world->trace, format, arguments);
    va_end(arguments);
    fprintf(world->trace, "\n");
}
