#include "sandbox/store.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct store store;

static void clear_store(void)
{
    store_clear(&store);
}

TestSuite(store, .fini = clear_store);

static struct thread *thread_named(const char *id)
{
    struct identity *alice = store_identity(&store, "8:acs:a_b");
    if (!alice)
        alice = store_add_identity(&store, "8:acs:a_b");
    return store_add_thread(&store, id, "topic", alice, 1000);
}

static struct message *say(struct thread *thread, msec_t now_at)
{
    return store_add_message(&store, thread, thread->creator, MESSAGE_TEXT, now_at);
}

Test(store, ids_are_instants_and_never_the_same)
{
    struct thread *ops = thread_named("19:ops@thread.v2"), *db = thread_named("19:db@thread.v2");
    cr_expect_eq(say(ops, 5000)->id, 5000);
    cr_expect_eq(say(db, 5000)->id, 5001);
    cr_expect_eq(say(ops, 4000)->id, 5002, "the clock went back");
    cr_expect_eq(say(ops, 6000)->id, 6000);
}

Test(store, sequences_count_per_thread)
{
    struct thread *ops = thread_named("19:ops@thread.v2"), *db = thread_named("19:db@thread.v2");
    cr_expect_eq(say(ops, 1)->sequence, 1);
    cr_expect_eq(say(db, 1)->sequence, 1);
    cr_expect_eq(say(ops, 1)->sequence, 2);
}

Test(store, finds_a_message_by_its_id)
{
    struct thread *ops = thread_named("19:ops@thread.v2");
    for (msec_t at = 10; at <= 1000; at += 10)
        say(ops, at);
    for (msec_t at = 10; at <= 1000; at += 10) {
        cr_expect_eq(thread_message(ops, at)->id, at);
        cr_expect_null(thread_message(ops, at + 5));
    }
    cr_expect_eq(thread_messages_before(ops, 10), 0);
    cr_expect_eq(thread_messages_before(ops, 11), 1);
    cr_expect_eq(thread_messages_before(ops, INT64_MAX), 100);
}

Test(store, finds_many_threads_by_name)
{
    char name[64];
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "19:thread-%d@thread.v2", i);
        cr_expect_null(store_thread(&store, name));
        thread_named(name);
    }
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "19:thread-%d@thread.v2", i);
        cr_assert_not_null(store_thread(&store, name));
        cr_expect_str_eq(store_thread(&store, name)->id, name);
    }
}

Test(store, remembers_whoever_was_in_a_thread)
{
    struct thread *ops = thread_named("19:ops@thread.v2");
    struct identity *bob = store_add_identity(&store, "8:acs:a_bob");
    cr_expect_null(thread_member(ops, bob));
    thread_join(ops, bob)->removed = true;
    cr_expect(thread_member(ops, bob)->removed);
    thread_join(ops, bob);
    cr_expect_not(thread_member(ops, bob)->removed);
    cr_expect_eq(ops->member_count, 1);
}

Test(store, knows_a_good_id)
{
    static const char *const good_threads[] = { "19:ops@thread.v2", "19:acsV1_x-Y_0@thread.v2" };
    static const char *const bad_threads[] = { "",
                                               "ops",
                                               "19:@thread.v2",
                                               "19:ops",
                                               "19:o s@thread.v2",
                                               "19:ops@thread.v2x",
                                               "18:ops@thread.v2" };
    static const char *const bad_identities[] = { "",         "8:acs:",   "8:acs:invalidUserId",
                                                  "8:acs:_b", "8:acs:a_", "8:acs:a_b_c",
                                                  "28:a_b" };
    for (size_t i = 0; i < 2; i++)
        cr_expect(thread_id_is_well_formed(good_threads[i]), "%s", good_threads[i]);
    for (size_t i = 0; i < 7; i++)
        cr_expect_not(thread_id_is_well_formed(bad_threads[i]), "%s", bad_threads[i]);
    cr_expect(identity_id_is_well_formed("8:acs:1b5c2f6e-00_0000002a-41d3"));
    for (size_t i = 0; i < 7; i++)
        cr_expect_not(identity_id_is_well_formed(bad_identities[i]), "%s", bad_identities[i]);
}
