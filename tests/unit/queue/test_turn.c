#include "queue/turn.h"
#include "tests/fakes/outbox_memory.h"

#include <criterion/criterion.h>

static struct outbox_disk *disk;
static struct outbox *outbox;
static struct turn *turn;

static char done[8]; /* the names of effects, in order */
static size_t done_count;
static enum outbox_commit told;

static void make(void)
{
    disk = outbox_disk_new();
    outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
    turn = turn_new();
}

static void drop(void)
{
    turn_free(turn);
    outbox_close(outbox);
    outbox_disk_free(disk);
}

TestSuite(turn, .init = make, .fini = drop);

static void act(void *context, enum outbox_commit how)
{
    cr_expect(outbox_changes(outbox) == 0 || how != OUTBOX_COMMITTED);
    done[done_count++] = *(const char *)context;
    told = how;
}

static void change(void)
{
    struct message message = { .lane = 4, .state = MESSAGE_PENDING };
    outbox_add(outbox, &message);
}

static char names[] = "abc";

Test(turn, acts_after_the_commit_in_order_and_once)
{
    change();
    for (size_t i = 0; i < 3; i++)
        turn_defer(turn, act, &names[i]);
    cr_expect(done_count == 0);
    cr_expect(turn_end(turn, outbox, NULL) == OUTBOX_COMMITTED);
    cr_expect_str_eq(done, "abc");
    cr_expect(told == OUTBOX_COMMITTED);
    cr_expect(turn_end(turn, outbox, NULL) == OUTBOX_COMMITTED);
    cr_expect(done_count == 3);
}

Test(turn, what_comes_first_does_so_in_each_turn)
{
    turn_act_first(turn, act, &names[2]);
    for (size_t i = 0; i < 2; i++) {
        change();
        turn_defer(turn, act, &names[i]);
        cr_expect(turn_end(turn, outbox, NULL) == OUTBOX_COMMITTED);
    }
    cr_expect_str_eq(done, "cacb");
}

Test(turn, says_what_became_of_it)
{
    static const struct {
        enum outbox_breakage breakage;
        enum outbox_commit expected;
    } rows[] = { { BREAK_CHANGE, OUTBOX_UNDONE },
                 { BREAK_COMMIT, OUTBOX_UNDONE },
                 { BREAK_COMMIT_KEPT, OUTBOX_UNKNOWN } };
    for (size_t i = 0; i < 3; i++) {
        struct error err = { "" };
        outbox_memory_break(disk, rows[i].breakage);
        change();
        turn_defer(turn, act, &names[i]);
        cr_expect(turn_end(turn, outbox, &err) == rows[i].expected);
        cr_expect(told == rows[i].expected);
        cr_expect(err.text[0] != '\0');
        outbox_close(outbox);
        outbox = outbox_open_memory(disk, &(struct outbox_setup){ 0 }, NULL);
    }
    cr_expect_str_eq(done, "abc");
}

Test(turn, what_is_put_off_can_be_given_a_verdict_without_a_commit)
{
    turn_defer(turn, act, &names[0]);
    turn_abandon(turn, OUTBOX_UNKNOWN);
    cr_expect(done_count == 1 && told == OUTBOX_UNKNOWN);
    turn_abandon(turn, OUTBOX_UNKNOWN);
    cr_expect(done_count == 1);
}

Test(turn, freeing_acts_no_more)
{
    for (int i = 0; i < 1000; i++)
        turn_defer(turn, act, &names[0]);
    turn_free(turn);
    turn_free(NULL);
    turn = turn_new();
    cr_expect(done_count == 0);
}
