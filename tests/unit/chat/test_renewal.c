#include "base/memory.h"
#include "chat/renewal.h"
#include "tests/fakes/random.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdlib.h>

static const msec_t second_ms = 1000, minute_ms = 60LL * 1000, hour_ms = 60LL * 60 * 1000,
                    day_ms = 24LL * 60 * 60 * 1000;

static struct renewal renewal_new(void)
{
    return (struct renewal){ .policy = { .first_ms = 1000, .longest_ms = 5LL * 60 * 1000 } };
}

Test(renewal, the_first_token_is_fetched_at_once)
{
    struct renewal renewal = renewal_new();
    cr_expect_eq(renewal_due_at(&renewal, 7, 1), 7);
    cr_expect_not(renewal_is_alive(&renewal, 7));
}

Test(renewal, a_token_is_renewed_ten_minutes_before_it_expires_or_a_little_earlier)
{
    struct renewal renewal = renewal_new();
    renewal_obtained(&renewal, day_ms, 0);
    cr_expect_eq(renewal_due_at(&renewal, 1, 0), day_ms - 10 * minute_ms);
    for (uint32_t dice = 0; dice < 100 * 1000; dice += 1000) {
        msec_t due_at = renewal_due_at(&renewal, 1, dice * 7919);
        cr_expect_leq(due_at, day_ms - 10 * minute_ms);
        cr_expect_geq(due_at, day_ms - 11 * minute_ms);
    }
    cr_expect(renewal_is_alive(&renewal, day_ms - 1));
    cr_expect_not(renewal_is_alive(&renewal, day_ms));
}

Test(renewal, a_short_life_is_renewed_half_way)
{
    struct renewal renewal = renewal_new();
    renewal_obtained(&renewal, 8 * minute_ms, 0);
    cr_expect_eq(renewal_due_at(&renewal, 0, 0), 4 * minute_ms);
    cr_expect_geq(renewal_due_at(&renewal, 0, UINT32_MAX), 3 * minute_ms);
    renewal_obtained(&renewal, MSEC_NEVER, 0);
    cr_expect_eq(renewal_due_at(&renewal, 0, 9), MSEC_NEVER);
}

Test(renewal, failures_are_repeated_with_back_off_while_the_token_lives)
{
    struct renewal renewal = renewal_new();
    renewal_obtained(&renewal, day_ms, 0);
    msec_t now_at = day_ms - 10 * minute_ms;
    for (msec_t most_ms = second_ms; most_ms < 5 * minute_ms; most_ms *= 2) {
        renewal_failed(&renewal, now_at);
        cr_expect(renewal_is_alive(&renewal, now_at));
        msec_t wait_ms = renewal_due_at(&renewal, now_at, (uint32_t)most_ms * 31) - now_at;
        cr_expect_leq(wait_ms, most_ms);
        cr_expect_geq(wait_ms, most_ms / 2);
    }
    renewal_obtained(&renewal, 2 * day_ms, now_at);
    cr_expect_eq(renewal_due_at(&renewal, now_at, 0), 2 * day_ms - 10 * minute_ms);
}

Test(renewal, what_was_refused_is_fetched_again_at_once)
{
    struct renewal renewal = renewal_new();
    renewal_obtained(&renewal, day_ms, 0);
    renewal_failed(&renewal, hour_ms);
    renewal_discarded(&renewal);
    cr_expect_not(renewal_is_alive(&renewal, hour_ms));
    cr_expect_eq(renewal_due_at(&renewal, hour_ms, 1), hour_ms);
}

Test(renewal, a_clock_set_back_makes_no_wait_longer)
{
    struct renewal renewal = renewal_new();
    renewal_failed(&renewal, day_ms);
    cr_expect_leq(renewal_due_at(&renewal, hour_ms, 0), hour_ms + second_ms);
}

/* ---- four weeks ----------------------------------------------------------------------------- */

enum { WEEKS = 4, OUTAGES_MOST = 2000 };

static const msec_t end_at = 28 * 24LL * 60 * 60 * 1000;

struct outage {
    msec_t begins_at, ends_at;
};

/* An identity service that is down for a tenth of the time, and who depends on it. */
struct world {
    struct random random;
    struct outage outages[OUTAGES_MOST];
    size_t outage_count;
    msec_t rotated_at; /* then every token until now is refused */
    msec_t issued_at;  /* of the present token */
    struct renewal renewal;
    uint32_t dice;
    int64_t requests, tokens;
    msec_t waited_since; /* 0: there is a token */
};

static uint32_t roll(struct world *world)
{
    return (uint32_t)random_bits(&world->random);
}

/* Up for 9 times as long as down on average; outages of seconds and of hours. */
static void plan_outages(struct world *world)
{
    msec_t now_at = 0;
    while (now_at < end_at && world->outage_count < OUTAGES_MOST) {
        msec_t scale_ms = roll(world) % 4 == 0 ? 6 * hour_ms : 20 * minute_ms;
        msec_t down_ms = 1 + (msec_t)roll(world) % scale_ms;
        now_at += (msec_t)roll(world) % (18 * down_ms);
        world->outages[world->outage_count++] = (struct outage){ now_at, now_at + down_ms };
        now_at += down_ms;
    }
}

/* NULL while it is up. */
static const struct outage *outage_at(const struct world *world, msec_t now_at)
{
    for (size_t i = 0; i < world->outage_count; i++)
        if (world->outages[i].begins_at <= now_at && now_at < world->outages[i].ends_at)
            return &world->outages[i];
    return NULL;
}

static void fetch(struct world *world, msec_t now_at)
{
    world->requests++;
    world->dice = roll(world);
    if (outage_at(world, now_at)) {
        renewal_failed(&world->renewal, now_at);
        return;
    }
    renewal_obtained(&world->renewal, now_at + day_ms, now_at);
    world->issued_at = now_at;
    world->tokens++;
}

/* How long the service was down for a wait that ends now, the last pause of the fetching included.
 */
static msec_t outages_ms(const struct world *world, msec_t since_at, msec_t now_at)
{
    msec_t down_ms = 0;
    for (size_t i = 0; i < world->outage_count; i++) {
        const struct outage *outage = &world->outages[i];
        if (outage->begins_at <= now_at &&
            outage->ends_at + world->renewal.policy.longest_ms > since_at)
            down_ms += outage->ends_at - outage->begins_at;
    }
    return down_ms;
}

/* Somebody has a message to send. */
static void send_one(struct world *world, msec_t now_at)
{
    if (renewal_is_alive(&world->renewal, now_at) && world->issued_at < world->rotated_at &&
        now_at >= world->rotated_at) {
        renewal_discarded(&world->renewal); /* 401 */
        if (renewal_due_at(&world->renewal, now_at, world->dice) <= now_at)
            fetch(world, now_at);
    }
    if (!renewal_is_alive(&world->renewal, now_at)) {
        world->waited_since = world->waited_since ? world->waited_since : now_at;
        return;
    }
    if (world->waited_since == 0)
        return;
    msec_t wait_ms = now_at - world->waited_since;
    msec_t outage_ms = outages_ms(world, world->waited_since, now_at);
    cr_expect_leq(wait_ms, outage_ms, "waited %lld s for an outage of %lld s",
                  (long long)(wait_ms / second_ms), (long long)(outage_ms / second_ms));
    if (now_at - world->rotated_at < 0 || now_at - world->rotated_at > day_ms)
        cr_expect_leq(wait_ms, outage_ms - (RENEWAL_MARGIN_MS - world->renewal.policy.longest_ms),
                      "the margin has been there for it");
    world->waited_since = 0;
}

/* A message every second; what is due is fetched when it is due. */
static void live(struct world *world)
{
    for (msec_t now_at = second_ms; now_at < end_at; now_at += second_ms) {
        if (renewal_due_at(&world->renewal, now_at, world->dice) <= now_at)
            fetch(world, now_at);
        send_one(world, now_at);
    }
}

Test(renewal, in_four_weeks_nobody_waits_for_a_token_longer_than_the_outage_itself)
{
    for (uint32_t seed = 1; seed <= 5; seed++) {
        struct world *world = xcalloc(1, sizeof *world);
        world->random.state = seed;
        world->renewal = renewal_new();
        plan_outages(world);
        world->rotated_at = end_at / 2 + (msec_t)roll(world) % day_ms;
        while (outage_at(world, world->rotated_at))
            world->rotated_at += minute_ms;
        live(world);
        cr_expect_geq(world->tokens, 7LL * WEEKS, "each lives for a day at most");
        cr_expect_leq(world->tokens, 7LL * WEEKS + 3, "and is not fetched for nothing");
        cr_expect_leq(world->requests, (int64_t)world->outage_count * 60);
        free(world);
    }
}
