/*
 * test_outbox_faults.c - a turn stands or falls as a whole, whichever call fails
 *
 * One turn is made again and again, and each time another one of its reads,
 * writes and syncs fails. Then two things are looked at: the files as a crash
 * would leave them at that moment, and the outbox closed and opened again.
 */
#include "queue/outbox.h"
#include "tests/fakes/faulty_vfs.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/test_faults_XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
    faulty_vfs_install();
}

static const char *const endings[] = { "", "-wal", "-journal" };
enum { ENDINGS = sizeof endings / sizeof *endings };

static void name_file(char *path, size_t size, const char *base, size_t ending)
{
    snprintf(path, size, "%s/%s%s", folder, base, endings[ending]);
}

static void remove_files(const char *base)
{
    char path[128];
    for (size_t i = 0; i < ENDINGS; i++) {
        name_file(path, sizeof path, base, i);
        unlink(path);
    }
}

static void remove_folder(void)
{
    remove_files("first");
    remove_files("live");
    remove_files("crashed");
    cr_expect(rmdir(folder) == 0);
}

TestSuite(outbox_faults, .init = make_folder, .fini = remove_folder, .timeout = 60);

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 16];
    FILE *in = fopen(from, "re");
    if (!in)
        return;
    FILE *out = fopen(to, "we");
    cr_assert(out != NULL);
    size_t length = 0;
    while ((length = fread(bytes, 1, sizeof bytes, in)) > 0)
        cr_assert(fwrite(bytes, 1, length, out) == length);
    fclose(in);
    cr_assert(fclose(out) == 0);
}

static void copy_files(const char *from_base, const char *to_base)
{
    char from[128], to[128];
    remove_files(to_base);
    for (size_t i = 0; i < ENDINGS; i++) {
        name_file(from, sizeof from, from_base, i);
        name_file(to, sizeof to, to_base, i);
        copy_file(from, to);
    }
}

/* What a crash would leave at this moment. */
static void crash(void)
{
    copy_files("live", "crashed");
}

static struct outbox *open_file(const char *base, struct error *err)
{
    char path[128];
    name_file(path, sizeof path, base, 0);
    const struct outbox_setup setup = { .path = path, .machine_id = "one", .version = "0.1" };
    return outbox_open_sqlite(&setup, err);
}

static struct outbox *open_whole(const char *base)
{
    struct error err = { "" };
    faulty_vfs_arm((struct fault){ 0 });
    struct outbox *outbox = open_file(base, &err);
    cr_assert(outbox != NULL, "%s", err.text);
    return outbox;
}

/* ---- the turn, and what may be left of it --------------------------------------------------- */

enum { FIRST = 1, MOST_MESSAGES = 150 };

static size_t messages = 5; /* in the second turn */

static char content[20000];

static void add_message(struct outbox *outbox, size_t bytes)
{
    struct message message = { .lane = 4,
                               .state = MESSAGE_PENDING,
                               .uid = 1000,
                               .expires_at = 5000,
                               .content = content,
                               .content_bytes = bytes };
    outbox_add(outbox, &message);
}

static void first_turn(const char *base)
{
    struct outbox *outbox = open_whole(base);
    memset(content, 'x', sizeof content);
    add_message(outbox, 10);
    cr_assert(outbox_commit(outbox, NULL) == OUTBOX_COMMITTED);
    outbox_close(outbox);
}

/* An outbox in which the first turn has been made. */
static struct outbox *open_live(void)
{
    copy_files("first", "live");
    return open_whole("live");
}

static enum outbox_commit second_turn(struct outbox *outbox, size_t bytes)
{
    struct message message;
    if (outbox_load(outbox, FIRST, &message))
        outbox_move(outbox, &message, MESSAGE_HELD);
    message_clear(&message);
    for (size_t i = 0; i < messages; i++)
        add_message(outbox, bytes);
    outbox_set_note(outbox, "second", "turn");
    return outbox_commit(outbox, NULL);
}

static int64_t in_state(struct outbox *outbox, enum message_state state)
{
    return tally_sum(outbox_tally(outbox), 4, 1000, state).messages;
}

/* True if the second turn is there, all of it; false if none of it is. */
static bool is_there(struct outbox *outbox)
{
    struct head heads[MOST_MESSAGES + 2];
    size_t pending = outbox_heads(outbox, 4, 0, heads, MOST_MESSAGES + 2);
    char *note = outbox_note(outbox, "second");
    bool there = note != NULL;
    free(note);
    cr_assert(pending == (there ? messages : 1));
    cr_assert(in_state(outbox, MESSAGE_PENDING) == (int64_t)pending);
    cr_assert(in_state(outbox, MESSAGE_HELD) == (there ? 1 : 0));
    return there;
}

static void expect_verdict(enum outbox_commit verdict, const char *base)
{
    struct outbox *outbox = open_whole(base);
    bool there = is_there(outbox);
    cr_expect(verdict != OUTBOX_COMMITTED || there);
    cr_expect(verdict != OUTBOX_UNDONE || !there);

    add_message(outbox, 10);
    cr_expect(outbox_commit(outbox, NULL) == OUTBOX_COMMITTED);
    outbox_close(outbox);
}

/* ---- walking -------------------------------------------------------------------------------- */

struct walk {
    size_t bytes;    /* of each message in the turn */
    int stride;      /* from one failing call to the next */
    bool log_reused; /* the turn begins a log that was folded in before */
    struct fault fault;
    int verdicts[3];
};

/* More than the log may hold before an idle moment folds it in. */
static void fill_and_fold(struct outbox *outbox)
{
    for (int i = 0; i < 300; i++)
        outbox_add(outbox, &(struct message){ .lane = 8,
                                              .state = MESSAGE_SENT,
                                              .content = content,
                                              .content_bytes = sizeof content });
    cr_assert(outbox_commit(outbox, NULL) == OUTBOX_COMMITTED);
    cr_assert(outbox_tend(outbox, true, NULL));
}

/* False when the turn had fewer calls than the one that was to fail. */
static bool step(struct walk *walk)
{
    struct outbox *outbox = open_live();
    if (walk->log_reused)
        fill_and_fold(outbox);

    faulty_vfs_arm(walk->fault);
    enum outbox_commit verdict = second_turn(outbox, walk->bytes);
    bool fired = faulty_vfs_fired();
    walk->verdicts[verdict]++;
    cr_assert(fired || verdict == OUTBOX_COMMITTED);

    crash();
    expect_verdict(verdict, "crashed");
    faulty_vfs_arm(walk->fault.lasting ? (struct fault){ .call = 1, .lasting = true }
                                       : (struct fault){ 0 });
    outbox_close(outbox);
    expect_verdict(verdict, "live");
    return fired;
}

static void walk_calls(struct walk *walk)
{
    walk->fault.call = 1;
    while (step(walk))
        walk->fault.call += walk->stride;
}

/* The end of a turn that failed in passing is known; if the failure lasts, it is in doubt. */
static void expect_verdicts(const struct walk *walk)
{
    cr_expect(walk->verdicts[OUTBOX_COMMITTED] > 0);
    cr_expect(walk->verdicts[OUTBOX_UNDONE] > 0 || walk->fault.lasting);
    cr_expect((walk->verdicts[OUTBOX_UNKNOWN] > 0) == walk->fault.lasting);
}

static void walk_kinds(struct walk plan)
{
    first_turn("first");
    for (int kind = 0; kind < 8; kind++) {
        struct walk walk = plan;
        walk.fault.lasting = kind & 1;
        walk.fault.done_anyway = kind & 2;
        walk.fault.full = kind & 4;
        walk_calls(&walk);
        expect_verdicts(&walk);
    }
}

Test(outbox_faults, a_small_turn)
{
    walk_kinds((struct walk){ .bytes = 100, .stride = 1 });
}

Test(outbox_faults, a_turn_with_long_contents)
{
    walk_kinds((struct walk){ .bytes = sizeof content, .stride = 7 });
}

/* Larger than SQLite's cache: pages go into the log before the commit. */
Test(outbox_faults, a_turn_that_overflows)
{
    messages = MOST_MESSAGES;
    walk_kinds((struct walk){ .bytes = sizeof content, .stride = 331 });
}

Test(outbox_faults, a_turn_that_begins_the_log_again)
{
    walk_kinds((struct walk){ .bytes = 100, .stride = 4, .log_reused = true });
}

/* Not less, or it would not be safe; not more, or it would be slow. */
Test(outbox_faults, a_commit_is_synced_once)
{
    struct outbox *outbox = open_whole("live");
    for (int i = 0; i < 3; i++) {
        add_message(outbox, 100);
        faulty_vfs_arm((struct fault){ 0 });
        cr_assert(outbox_commit(outbox, NULL) == OUTBOX_COMMITTED);
        cr_expect(faulty_vfs_syncs() == 1);
    }
    outbox_close(outbox);
}

/* ---- elsewhere ------------------------------------------------------------------------------ */

Test(outbox_faults, tending)
{
    first_turn("first");
    for (int call = 1;; call += 97) {
        struct outbox *outbox = open_live();
        fill_and_fold(outbox);
        for (int i = 0; i < 300; i++)
            add_message(outbox, sizeof content);
        cr_assert(outbox_commit(outbox, NULL) == OUTBOX_COMMITTED);

        struct error err = { "" };
        faulty_vfs_arm((struct fault){ .call = call });
        bool done = outbox_tend(outbox, true, &err);
        bool fired = faulty_vfs_fired();
        cr_expect(done != fired);
        cr_expect(done || (err.text[0] != '\0' && outbox_failure(outbox)));
        outbox_close(outbox);

        outbox = open_whole("live");
        cr_assert(in_state(outbox, MESSAGE_PENDING) == 301);
        outbox_close(outbox);
        if (!fired)
            break;
    }
}

/* Opening fails with a sentence or succeeds; either way nothing is lost. */
static bool open_with_fault(const char *base, int call)
{
    struct error err = { "" };
    faulty_vfs_arm((struct fault){ .call = call });
    struct outbox *outbox = open_file(base, &err);
    cr_expect(outbox != NULL || err.text[0] != '\0');
    outbox_close(outbox);
    return faulty_vfs_fired();
}

Test(outbox_faults, making_the_file)
{
    for (int call = 1;; call++) {
        remove_files("live");
        bool fired = open_with_fault("live", call);
        first_turn("live");
        if (!fired)
            break;
    }
}

Test(outbox_faults, opening_after_a_crash)
{
    first_turn("first");
    struct outbox *outbox = open_live();
    cr_assert(second_turn(outbox, 100) == OUTBOX_COMMITTED);
    for (int call = 1;; call++) {
        crash();
        bool fired = open_with_fault("crashed", call);
        struct outbox *crashed = open_whole("crashed");
        cr_assert(is_there(crashed));
        outbox_close(crashed);
        if (!fired)
            break;
    }
    faulty_vfs_arm((struct fault){ 0 });
    outbox_close(outbox);
}
