#include "sandbox/fault_plan.h"

#include <criterion/criterion.h>

static const struct fault_target send_in_ops = { .operation = OPERATION_SEND, .thread = "ops" };

static struct fault_plan plan;

static void clear_plan(void)
{
    fault_plan_clear(&plan);
}

TestSuite(fault, .fini = clear_plan);

static bool add(const char *text, struct error *err)
{
    int id = 0;
    json_t *json = json_loads(text, 0, NULL);
    cr_assert(json, "%s", text);
    bool added = fault_plan_add(&plan, json, &id, err);
    json_decref(json);
    return added;
}

static void must_add(const char *text)
{
    struct error err;
    cr_assert(add(text, &err), "%s: %s", text, err.text);
}

struct fates {
    char text[101];
};

/* The fates of `count` requests: "." is spared, "!" struck. */
static struct fates fates_of(const struct fault_target *target, size_t count)
{
    struct fates fates = { "" };
    for (size_t i = 0; i < count; i++)
        fates.text[i] = fault_plan_match(&plan, target) ? '!' : '.';
    return fates;
}

Test(fault, strikes_once_unless_told_otherwise)
{
    must_add("{\"status\":500}");
    cr_expect_str_eq(fates_of(&send_in_ops, 3).text, "!..");
}

Test(fault, spares_the_first_and_stops_after_its_count)
{
    must_add("{\"status\":500,\"after\":2,\"count\":3}");
    cr_expect_str_eq(fates_of(&send_in_ops, 8).text, "..!!!...");
}

Test(fault, count_nought_is_for_ever)
{
    must_add("{\"status\":500,\"count\":0}");
    cr_expect_str_eq(fates_of(&send_in_ops, 8).text, "!!!!!!!!");
}

Test(fault, counts_only_what_it_is_meant_for)
{
    const struct fault_target elsewhere = { .operation = OPERATION_SEND, .thread = "db" };
    const struct fault_target list = { .operation = OPERATION_LIST, .thread = "ops" };
    const struct fault_target token = { .operation = OPERATION_TOKEN };
    must_add("{\"op\":\"send\",\"thread\":\"ops\",\"status\":500,\"after\":1}");
    cr_expect_str_eq(fates_of(&elsewhere, 3).text, "...");
    cr_expect_str_eq(fates_of(&list, 3).text, "...");
    cr_expect_str_eq(fates_of(&token, 3).text, "...");
    cr_expect_str_eq(fates_of(&send_in_ops, 3).text, ".!.");
}

Test(fault, can_be_meant_for_reused_connections_alone)
{
    const struct fault_target reused = { .operation = OPERATION_SEND, .reused = true };
    must_add("{\"what\":\"close\",\"reused\":true,\"count\":0}");
    cr_expect_str_eq(fates_of(&send_in_ops, 2).text, "..");
    cr_expect_str_eq(fates_of(&reused, 2).text, "!!");
}

Test(fault, without_an_operation_strikes_requests_but_no_connection)
{
    const struct fault_target connection = { .operation = OPERATION_CONNECT };
    must_add("{\"status\":500,\"count\":0}");
    cr_expect_str_eq(fates_of(&connection, 2).text, "..");
    must_add("{\"op\":\"connect\",\"what\":\"reset\"}");
    cr_expect_str_eq(fates_of(&connection, 2).text, "!.");
    cr_expect_str_eq(fates_of(&send_in_ops, 2).text, "!!");
}

Test(fault, the_first_that_fits_is_the_one)
{
    must_add("{\"status\":500}");
    must_add("{\"status\":503,\"count\":2}");
    cr_expect_eq(fault_plan_match(&plan, &send_in_ops)->status, 500);
    cr_expect_eq(fault_plan_match(&plan, &send_in_ops)->status, 503);
    cr_expect_eq(fault_plan_match(&plan, &send_in_ops)->status, 503);
    cr_expect_null(fault_plan_match(&plan, &send_in_ops));
}

Test(fault, throws_its_dice_as_its_seed_says)
{
    int hits = 0;
    must_add("{\"status\":500,\"count\":0,\"probability\":0.3,\"seed\":5}");
    const struct fates first = fates_of(&send_in_ops, 100);
    for (const char *fate = first.text; *fate; fate++)
        hits += *fate == '!';
    cr_expect(hits > 15 && hits < 45, "%d of 100", hits);

    fault_plan_clear(&plan);
    must_add("{\"status\":500,\"count\":0,\"probability\":0.3,\"seed\":5}");
    cr_expect_str_eq(fates_of(&send_in_ops, 100).text, first.text);
    fault_plan_clear(&plan);
    must_add("{\"status\":500,\"count\":0,\"probability\":0.3,\"seed\":6}");
    cr_expect_str_neq(fates_of(&send_in_ops, 100).text, first.text);
}

Test(fault, an_answer_without_a_status_is_that_of_a_request_carried_out)
{
    must_add("{\"text\":\"x\"}");
    const struct fault *fault = fault_plan_match(&plan, &send_in_ops);
    cr_expect(fault->stored);
    cr_expect_eq(fault->kind, FAULT_ANSWER);
}

Test(fault, is_refused_when_it_would_do_nothing_or_the_wrong_thing)
{
    static const char *const nonsense[] = {
        "{}",
        "[{}]",
        "{\"what\":\"answer\"}",
        "{\"what\":\"explode\"}",
        "{\"op\":\"sned\",\"status\":500}",
        "{\"op\":\"connect\",\"status\":500}",
        "{\"op\":\"connect\",\"what\":\"reset\",\"thread\":\"x\"}",
        "{\"what\":\"late\"}",
        "{\"status\":99}",
        "{\"status\":600}",
        "{\"status\":\"500\"}",
        "{\"status\":500,\"count\":-1}",
        "{\"status\":500,\"probability\":0}",
        "{\"status\":500,\"probability\":1.1}",
        "{\"status\":500,\"stored\":1}",
        "{\"status\":500,\"body\":\"pretty\"}",
        "{\"status\":500,\"headers\":{\"a\":1}}",
        "{\"status\":500,\"retry_after_ms\":1,\"retry_after_form\":\"weeks\"}",
        "{\"status\":500,\"cuont\":1}",
    };
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        struct error err = { .text = "" };
        cr_expect_not(add(nonsense[i], &err), "%s", nonsense[i]);
        cr_expect_neq(err.text[0], '\0', "%s", nonsense[i]);
    }
    cr_expect_eq(plan.count, 0);
}

Test(fault, can_be_taken_back_one_by_one)
{
    must_add("[{\"status\":500},{\"status\":501},{\"status\":502}]");
    cr_expect(fault_plan_remove(&plan, 2));
    cr_expect_not(fault_plan_remove(&plan, 2));
    cr_expect_eq(fault_plan_match(&plan, &send_in_ops)->status, 500);
    cr_expect_eq(fault_plan_match(&plan, &send_in_ops)->status, 502);
}
