#include "client/filter.h"

#include "base/account.h"
#include "client/line.h"

#include <stddef.h>
#include <stdio.h>

bool filter_is_set(const struct filter *filter)
{
    return filter->thread || filter->state || filter->user || filter->priority ||
           filter->older_than;
}

static void add_user(struct text *line, const char *user)
{
    char number[24];
    uid_t uid = 0;
    bool is_known = user && account_find_user(user, &uid);
    if (is_known)
        snprintf(number, sizeof number, "%lu", (unsigned long)uid);
    line_add_string(line, "user", is_known ? number : user);
}

void filter_add(const struct filter *filter, struct text *line)
{
    line_add_string(line, "thread", filter->thread);
    line_add_string(line, "state", filter->state);
    add_user(line, filter->user);
    line_add_string(line, "priority", filter->priority);
    line_add_string(line, "older_than", filter->older_than);
}
