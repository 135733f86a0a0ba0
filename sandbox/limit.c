#include "sandbox/limit.h"

#include "base/duration.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static bool rule_parse(const char *text, struct limit_rule *rule, struct error *err)
{
    char *rest = NULL;
    long count = strtol(text, &rest, 10);
    if (rest == text || *rest != '/')
        return error_set(err, "\"%s\" is not a limit such as 10/10s", text);
    if (count < 1 || count > LIMIT_LARGEST_COUNT)
        return error_set(err, "the count of \"%s\" is not in 1..%d", text, LIMIT_LARGEST_COUNT);
    rule->count = (unsigned)count;
    if (!duration_parse(rest + 1, &rule->window_ms, err))
        return error_prefix(err, "limit \"%s\"", text);
    return rule->window_ms > 0 || error_set(err, "the window of \"%s\" is empty", text);
}

bool limit_parse(const char *text, struct limit *limit, struct error *err)
{
    CLEANUP(free_memory) char *copy = xstrdup(text);
    char *more = NULL;

    limit->rules = 0;
    if (strcmp(text, "off") == 0)
        return true;
    for (char *part = strtok_r(copy, ", ", &more); part; part = strtok_r(NULL, ", ", &more)) {
        if (limit->rules == LIMIT_MOST_RULES)
            return error_set(err, "more than %d limits in \"%s\"", LIMIT_MOST_RULES, text);
        if (!rule_parse(part, &limit->rule[limit->rules], err))
            return false;
        limit->rules++;
    }
    return limit->rules > 0 || error_set(err, "no limit given; write \"off\" for none");
}

/*
 * The ring holds the latest `count` requests, so its oldest entry is the one
 * that must have left the window before another request fits.
 */
static msec_t spend_sliding(const struct limit_rule *rule, struct limit_spending *spending,
                            msec_t at_ms)
{
    if (!spending->at)
        spending->at = xcalloc(rule->count, sizeof *spending->at);

    bool full = spending->used == rule->count;
    bool fits = !full || spending->at[spending->next] + rule->window_ms <= at_ms;
    spending->at[spending->next] = at_ms;
    spending->next = (spending->next + 1) % rule->count;
    if (!full)
        spending->used++;
    return fits ? 0 : msec_max(1, spending->at[spending->next] + rule->window_ms - at_ms);
}

static msec_t spend_fixed(const struct limit_rule *rule, struct limit_spending *spending,
                          msec_t at_ms)
{
    msec_t window_at = at_ms - at_ms % rule->window_ms;
    if (window_at != spending->window_at)
        spending->used = 0;
    spending->window_at = window_at;
    if (spending->used < rule->count) {
        spending->used++;
        return 0;
    }
    return window_at + rule->window_ms - at_ms;
}

msec_t limit_spend(const struct limit *limit, struct limit_usage *usage, msec_t at_ms)
{
    msec_t wait_ms = 0;
    for (size_t i = 0; i < limit->rules; i++) {
        struct limit_spending *spending = &usage->spending[i];
        msec_t rule_wait_ms = limit->kind == LIMIT_SLIDING
                                  ? spend_sliding(&limit->rule[i], spending, at_ms)
                                  : spend_fixed(&limit->rule[i], spending, at_ms);
        wait_ms = msec_max(wait_ms, rule_wait_ms);
    }
    return wait_ms;
}

void limit_usage_clear(struct limit_usage *usage)
{
    for (size_t i = 0; i < LIMIT_MOST_RULES; i++)
        free(usage->spending[i].at);
    *usage = (struct limit_usage){ 0 };
}
