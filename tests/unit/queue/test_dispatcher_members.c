/*
 * test_dispatcher_members.c - of two senders in one remote thread, one may be no participant
 */
#include "queue/diagnosis.h"
#include "queue/dispatcher_control.h"
#include "tests/unit/queue/stage.h"

#include <criterion/criterion.h>

/* All lead to one place; 0 and 2 are written to by the stranger, 1 by somebody who may. */
enum { OF_STRANGER, OF_MEMBER, ALSO_OF_STRANGER, THREADS };

#define STRANGER_THERE "1 s0" /* as the scope is stored */

static void make(void)
{
    stage_open(THREADS);
    for (int thread = 0; thread < THREADS; thread++)
        stage.routes[thread].place = 0;
    stage.routes[OF_MEMBER].sender = 1;
    stage_configure();
}

TestSuite(dispatcher_members, .init = make, .fini = stage_close);

static void refuse(struct work *work)
{
    stage_refused(work, 403, SCOPE_MEMBER, DELIVERY_NO_WAIT);
}

static int64_t failures(void)
{
    return stage_scope(SCOPE_MEMBER, STRANGER_THERE).failures;
}

static struct diagnosis diagnose(int thread)
{
    return dispatcher_diagnose(stage.dispatcher, lane_thread(stage_lane(thread, PRIORITY_NORMAL)),
                               stage.now);
}

Test(dispatcher_members, who_is_refused_waits_under_all_names_and_stops_no_other_sender)
{
    stage_add(OF_STRANGER, PRIORITY_NORMAL);
    refuse(stage_next_send());
    cr_expect(stage.told[0].retry_ms == 60000);
    stage_add(ALSO_OF_STRANGER, PRIORITY_URGENT);
    cr_expect(stage_next() == NULL && stage.again_ms == 60000);

    int64_t other = stage_add(OF_MEMBER, PRIORITY_NORMAL);
    struct work *work = stage_next_send();
    cr_expect(stage_id(work) == other);
    stage_sent(work);
    cr_expect(failures() == 1, "another's success is not the stranger's");
    cr_expect(stage_next() == NULL && stage.again_ms == 60000);
}

Test(dispatcher_members, the_wait_doubles_and_ends_with_a_message_that_is_taken)
{
    stage_add(OF_STRANGER, PRIORITY_NORMAL);
    for (int64_t minutes = 1; minutes <= 4; minutes *= 2) {
        refuse(stage_next_send());
        cr_expect(stage_next() == NULL && stage.again_ms == minutes * 60000);
        stage_pass(stage.again_ms);
    }
    cr_expect(failures() == 3);
    stage_sent(stage_next_send());
    cr_expect(failures() == 0);
    stage_add(OF_STRANGER, PRIORITY_NORMAL);
    stage_sent(stage_next_send());
}

Test(dispatcher_members, a_restart_forgets_nothing)
{
    stage_add(OF_STRANGER, PRIORITY_NORMAL);
    refuse(stage_next_send());
    stage_crash(10000);
    cr_expect(stage_next() == NULL && stage.again_ms == 50000);
    cr_expect(diagnose(OF_STRANGER).cause == CAUSE_THREAD);
    stage_pass(50000);
    refuse(stage_next_send());
    cr_expect(failures() == 2);
}

Test(dispatcher_members, two_that_are_refused_together_are_one_failure_and_one_probe)
{
    stage_add(OF_STRANGER, PRIORITY_NORMAL);
    stage_add(ALSO_OF_STRANGER, PRIORITY_NORMAL);
    struct work *one = stage_next_send(), *two = stage_next_send();
    stage_pass(300);
    refuse(one);
    refuse(two);
    cr_expect(failures() == 1);
    stage_pass(60000);
    one = stage_next_send();
    cr_expect(stage_next() == NULL, "one probe at a time");
    stage_sent(one);
    stage_sent(stage_next_send());
}

Test(dispatcher_members, another_sender_in_the_settings_goes_at_once)
{
    stage_add(OF_STRANGER, PRIORITY_NORMAL);
    refuse(stage_next_send());
    stage.routes[OF_STRANGER].sender = 1;
    stage_configure();
    stage_sent(stage_next_send());
}

Test(dispatcher_members, a_flush_ends_the_wait)
{
    stage_add(OF_STRANGER, PRIORITY_NORMAL);
    refuse(stage_next_send());
    cr_expect(dispatcher_flush(stage.dispatcher, -1, stage.now).forgotten == 1);
    stage_sent(stage_next_send());
}

Test(dispatcher_members, why_names_who_is_refused)
{
    stage_add(OF_STRANGER, PRIORITY_NORMAL);
    refuse(stage_next_send());
    stage_add(ALSO_OF_STRANGER, PRIORITY_NORMAL);
    stage_add(OF_MEMBER, PRIORITY_NORMAL);

    struct diagnosis diagnosis = diagnose(OF_STRANGER);
    cr_expect(diagnosis.cause == CAUSE_THREAD && diagnosis.trouble->http == 403);
    cr_expect(diagnosis.next_at == stage.now.at + 60000);
    cr_expect(level_of(&diagnosis, 1, 0, stage.now.at, stage.now.at) == LEVEL_ACT);
    cr_expect(storm_cause_of(diagnosis.trouble) == STORM_REFUSED);
    diagnosis = diagnose(OF_MEMBER);
    cr_expect(diagnosis.cause == CAUSE_NOTHING && !diagnosis.trouble);
    int64_t thread = lane_thread(stage_lane(OF_STRANGER, PRIORITY_NORMAL));
    cr_expect(dispatcher_count_behind(stage.dispatcher, thread, CAUSE_THREAD) == 2);
}

/* What was taken after the refusal, though its answer was lost, proves it over. */
Test(dispatcher_members, what_is_found_was_taken)
{
    int64_t id = stage_add(OF_STRANGER, PRIORITY_NORMAL);
    refuse(stage_next_send());
    stage_pass(60000);
    stage_doubt(stage_next_send());
    cr_expect(failures() == 1);
    stage_pass(STAGE_SETTLE_MS);
    stage_looked(stage_next_look(), true, (int64_t[]){ id, 0 });
    cr_expect(failures() == 0);
}

Test(dispatcher_members, who_may_not_look_leaves_the_place_to_others)
{
    stage_add(OF_STRANGER, PRIORITY_NORMAL);
    stage_doubt(stage_next_send());
    stage_pass(STAGE_SETTLE_MS);
    stage_look_failed(stage_next_look(), 403, SCOPE_MEMBER);
    stage_add(OF_MEMBER, PRIORITY_NORMAL);
    stage_sent(stage_next_send());
    cr_expect(stage_next() == NULL && stage.again_ms == 60000);
}
