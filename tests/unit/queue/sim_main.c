/*
 * sim_main.c - play many programs; make the first that fails as short as it can be
 *
 *     queue_simulation [--seeds N] [--first S] [--verbose] [--as-is]
 *
 * The same seed plays the same run, always. Exits with 1 after a failure, which
 * is made short unless told to leave it as it is.
 */
#include "tests/unit/queue/sim_world.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct options {
    uint64_t seeds, first;
    bool verbose, as_is;
};

struct totals {
    size_t runs, messages, sent, changes, attempts, digests, looks, restarts, turns;
    msec_t lasted_ms;
};

static void add(struct totals *totals, const struct sim_result *result)
{
    totals->runs++;
    totals->messages += result->messages;
    totals->sent += result->sent;
    totals->changes += result->changes;
    totals->attempts += result->attempts;
    totals->digests += result->digests;
    totals->looks += result->looks;
    totals->restarts += result->restarts;
    totals->turns += result->turns;
    totals->lasted_ms += result->lasted_ms;
}

/* ---- making it short ------------------------------------------------------------------------ */

static struct sim_program without(const struct sim_program *program, size_t first, size_t count)
{
    struct sim_program shorter = *program;
    memmove(&shorter.events[first], &shorter.events[first + count],
            (program->count - first - count) * sizeof shorter.events[0]);
    shorter.count -= count;
    return shorter;
}

/* Drop what can be dropped in pieces of `size` events. True when anything could. */
static bool drop_pieces(struct sim_program *program, struct sim_result *result, size_t size)
{
    bool dropped = false;
    for (size_t first = 0; first + size <= program->count;) {
        struct sim_program shorter = without(program, first, size);
        struct sim_result verdict;
        sim_world_play(&shorter, &verdict, NULL);
        if (verdict.failure[0]) {
            *program = shorter;
            *result = verdict;
            dropped = true;
        } else {
            first++;
        }
    }
    return dropped;
}

/* Fewer messages at a time, as long as it still fails. */
static bool thin_out(struct sim_program *program, struct sim_result *result)
{
    bool thinned = false;
    for (size_t i = 0; i < program->count; i++)
        while (program->events[i].kind == EVENT_SEND && program->events[i].count > 1) {
            struct sim_program thinner = *program;
            struct sim_result verdict;
            thinner.events[i].count /= 2;
            sim_world_play(&thinner, &verdict, NULL);
            if (!verdict.failure[0])
                break;
            *program = thinner;
            *result = verdict;
            thinned = true;
        }
    return thinned;
}

static void make_short(struct sim_program *program, struct sim_result *result)
{
    bool better = true;
    while (better) {
        better = false;
        for (size_t size = program->count / 2; size > 0; size /= 2)
            better = drop_pieces(program, result, size) || better;
        better = thin_out(program, result) || better;
    }
}

/* ---- the program ---------------------------------------------------------------------------- */

static void explain(struct sim_program *program, struct sim_result *result)
{
    size_t before = program->count;
    make_short(program, result);
    printf("of its %zu events %zu are enough: %s\n", before, program->count, result->failure);
    sim_program_print(program, stdout);
    printf("and this is what happens:\n");
    sim_world_play(program, result, stdout);
}

static bool play(uint64_t seed, const struct options *options, struct totals *totals)
{
    struct sim_program program;
    struct sim_result result;
    sim_program_make(&program, seed);
    sim_world_play(&program, &result, NULL);
    add(totals, &result);
    if (options->verbose)
        printf("seed %" PRIu64
               ": %zu messages, %zu sent, %zu attempts, %zu looks, %zu restarts, "
               "%zu turns, %.1f h\n",
               seed, result.messages, result.sent, result.attempts, result.looks, result.restarts,
               result.turns, (double)result.lasted_ms / 3600000);
    if (!result.failure[0])
        return true;
    printf("seed %" PRIu64 ": %s\n", program.seed, result.failure);
    if (!options->as_is)
        explain(&program, &result);
    return false;
}

static void report(const struct totals *totals, double seconds)
{
    printf(
        "%zu runs, %zu messages (%zu sent), %zu changes, %zu attempts, %zu digests, %zu looks, %zu "
        "restarts, "
        "%.0f days of "
        "virtual time in %.1f s: %.0f runs/s, %.0f messages/s\n",
        totals->runs, totals->messages, totals->sent, totals->changes, totals->attempts,
        totals->digests, totals->looks, totals->restarts, (double)totals->lasted_ms / 86400000,
        seconds, (double)totals->runs / seconds, (double)totals->messages / seconds);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    *options = (struct options){ .seeds = 2000, .first = 1 };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc)
            options->seeds = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--first") == 0 && i + 1 < argc)
            options->first = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--verbose") == 0)
            options->verbose = true;
        else if (strcmp(argv[i], "--as-is") == 0)
            options->as_is = true;
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options options;
    struct totals totals = { 0 };
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "usage: %s [--seeds N] [--first S] [--verbose] [--as-is]\n", argv[0]);
        return 64;
    }
    double began = seconds_now();
    for (uint64_t i = 0; i < options.seeds; i++)
        if (!play(options.first + i, &options, &totals))
            return 1;
    report(&totals, seconds_now() - began);
    return 0;
}
