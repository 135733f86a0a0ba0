/*
 * outbox_contract_books.c - the books are exact after any program of changes
 *
 * A seeded random program of turns, commits and crashes runs against the outbox
 * and against a model that is as simple as can be. Rows and tally must agree
 * with the model after every reopening.
 */
#include "tests/contract/outbox_contract.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(outbox_books, .init = store_make, .fini = store_remove);

enum { MOST = 600, LANES = 6, USERS = 3 };

struct model_row {
    lane_id lane;
    int64_t uid;
    enum message_state state;
    size_t bytes;
    bool under_way;
};

struct model {
    struct model_row rows[MOST + 1]; /* by id */
    int64_t count;
};

struct program {
    unsigned seed;
    struct outbox *outbox;
    struct model now;
    struct model committed;
    int64_t compared;
};

/* Numerical Recipes' generator: the same program from the same seed everywhere. */
static unsigned draw(struct program *program, unsigned below)
{
    program->seed = program->seed * 1664525U + 1013904223U;
    return (program->seed >> 8U) % below;
}

static char content[100];

static void add(struct program *program)
{
    if (program->now.count == MOST)
        return;
    struct message message = contract_message(4 + (lane_id)draw(program, LANES));
    message.uid = draw(program, USERS);
    message.state = draw(program, 4) ? MESSAGE_PENDING : MESSAGE_SCHEDULED;
    message.content = content;
    message.content_bytes = draw(program, sizeof content);
    outbox_add(program->outbox, &message);

    cr_assert(message.id == program->now.count + 1);
    program->now.rows[++program->now.count] =
        (struct model_row){ message.lane, message.uid, message.state, message.content_bytes,
                            false };
}

static int64_t draw_id(struct program *program)
{
    return program->now.count ? 1 + draw(program, (unsigned)program->now.count) : 0;
}

static void move(struct program *program)
{
    int64_t id = draw_id(program);
    struct message message;
    if (!outbox_load(program->outbox, id, &message))
        return;
    if (draw(program, 3) == 0) { /* an edit */
        free(message.content);
        message.content_bytes = draw(program, sizeof content);
        message.content = calloc(1, sizeof content);
    }
    outbox_move(program->outbox, &message, (enum message_state)draw(program, MESSAGE_STATES));
    program->now.rows[id].state = message.state;
    program->now.rows[id].bytes = message.content_bytes;
    message_clear(&message);
}

static void attempt(struct program *program)
{
    int64_t id = draw_id(program);
    struct message message;
    if (!outbox_load(program->outbox, id, &message))
        return;
    bool ends = program->now.rows[id].under_way;
    message.doubted_at = ends ? 0 : 100;
    message.attempts += !ends;
    struct attempt row = { .message = id, .number = message.attempts, .began_at = 100 };
    if (ends) {
        row.ended_at = 200;
        outbox_end(program->outbox, &message, draw(program, 2) ? MESSAGE_SENT : MESSAGE_PENDING,
                   &row);
    } else {
        outbox_begin(program->outbox, &message, &row);
    }
    program->now.rows[id].under_way = !ends;
    program->now.rows[id].state = message.state;
    message_clear(&message);
}

/* ---- comparing ------------------------------------------------------------------------------ */

static bool compare_row(void *context, const struct message *message)
{
    struct program *program = context;
    const struct model_row *row = &program->now.rows[message->id];
    cr_assert(message->id <= program->now.count);
    cr_assert(message->lane == row->lane && message->uid == row->uid);
    cr_assert(message->state == row->state && message->content_bytes == row->bytes);
    cr_assert((message->doubted_at != 0) == row->under_way);
    program->compared++;
    return true;
}

static struct tally_sum model_sum(const struct model *model, lane_id lane, int64_t uid,
                                  enum message_state state)
{
    struct tally_sum sum = { 0 };
    for (int64_t id = 1; id <= model->count; id++) {
        const struct model_row *row = &model->rows[id];
        if (row->state != state || (lane >= 0 && row->lane != lane) ||
            (uid >= 0 && row->uid != uid))
            continue;
        sum.messages++;
        sum.bytes += (int64_t)row->bytes;
    }
    return sum;
}

static void compare_sums(struct program *program, lane_id lane, int64_t uid)
{
    for (int state = 0; state < MESSAGE_STATES; state++) {
        struct tally_sum expected = model_sum(&program->now, lane, uid, (enum message_state)state);
        struct tally_sum found =
            tally_sum(outbox_tally(program->outbox), lane, uid, (enum message_state)state);
        cr_assert(found.messages == expected.messages && found.bytes == expected.bytes,
                  "lane %d, user %d, state %d: %d messages, should be %d", (int)lane, (int)uid,
                  state, (int)found.messages, (int)expected.messages);
    }
}

static void compare(struct program *program)
{
    const struct outbox_filter all = { .thread = -1, .uid = -1, .priority = -1 };
    program->compared = 0;
    cr_assert(outbox_list(program->outbox, &all, 0, MOST + 1, compare_row, program) == 0);
    cr_assert(program->compared == program->now.count);
    for (int64_t uid = TALLY_ANY; uid < USERS; uid++) {
        compare_sums(program, TALLY_ANY, uid);
        for (lane_id lane = 4; lane < 4 + LANES; lane++)
            compare_sums(program, lane, uid);
    }
}

/* ---- the program ---------------------------------------------------------------------------- */

static void commit(struct program *program)
{
    contract_commit(program->outbox);
    program->committed = program->now;
}

static void crash(struct program *program)
{
    contract_reopen(&program->outbox);
    program->now = program->committed;
    compare(program);
}

static void run(unsigned seed)
{
    static struct program program;
    program = (struct program){ .seed = seed, .outbox = contract_open() };
    for (int i = 0; i < 1500; i++) {
        unsigned which = draw(&program, 100);
        if (which < 45)
            add(&program);
        else if (which < 70)
            move(&program);
        else if (which < 92)
            attempt(&program);
        else if (which < 99)
            commit(&program);
        else
            crash(&program);
    }
    compare(&program);
    commit(&program);
    crash(&program);
    outbox_close(program.outbox);
}

Test(outbox_books, seed_1)
{
    run(1);
}

Test(outbox_books, seed_2)
{
    run(2);
}

Test(outbox_books, seed_3)
{
    run(3);
}
