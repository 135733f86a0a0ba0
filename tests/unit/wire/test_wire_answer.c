#include "tests/unit/wire/exact.h"
#include "wire/answer.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct text out;
static struct answer answer;

static void finish(void)
{
    text_clear(&out);
    answer_clear(&answer);
}

TestSuite(wire_answer, .fini = finish);

static bool parse(const char *line)
{
    char *exact = exact_copy(line);
    answer_clear(&answer);
    bool parsed = answer_parse(exact, strlen(line), &answer, NULL);
    free(exact);
    return parsed;
}

Test(wire_answer, an_acceptance)
{
    answer_accepted(&out, &(struct acceptance){ 42, "pending", 1, 0, false }, NULL);
    cr_expect_str_eq(out.bytes,
                     "{\"ok\":true,\"id\":42,\"state\":\"pending\",\"position\":1,"
                     "\"eta_ms\":0}\n");
}

Test(wire_answer, an_acceptance_without_position)
{
    answer_accepted(&out, &(struct acceptance){ 42, "sent", -1, -1, true }, "a\"b");
    cr_expect_str_eq(out.bytes,
                     "{\"ok\":true,\"id\":42,\"state\":\"sent\",\"duplicate\":true,"
                     "\"ref\":\"a\\\"b\"}\n");
}

Test(wire_answer, a_refusal)
{
    struct refusal refusal;
    refusal_set(&refusal, REFUSAL_INVALID, "content", "content is empty");
    answer_refused(&out, &refusal, NULL);
    cr_expect_str_eq(out.bytes,
                     "{\"ok\":false,\"error\":\"invalid\",\"field\":\"content\","
                     "\"message\":\"content is empty\",\"retry\":false}\n");
}

Test(wire_answer, a_refusal_that_may_pass)
{
    struct refusal refusal;
    refusal_set(&refusal, REFUSAL_STORAGE, NULL, "cannot write \"outbox\"");
    answer_refused(&out, &refusal, "7");
    cr_expect_str_eq(out.bytes,
                     "{\"ok\":false,\"error\":\"storage\",\"message\":\"cannot write "
                     "\\\"outbox\\\"\",\"retry\":true,\"ref\":\"7\"}\n");
}

Test(wire_answer, an_object)
{
    json_t *object = json_pack("{s:i, s:[s]}", "protocol", 1, "features", "send");
    answer_json(&out, object, "r");
    cr_expect_str_eq(out.bytes,
                     "{\"ok\":true,\"protocol\":1,\"features\":[\"send\"],\"ref\":\"r\"}\n");
    json_decref(object);
}

Test(wire_answer, an_object_without_members)
{
    answer_json(&out, NULL, NULL);
    json_t *empty = json_object();
    answer_json(&out, empty, "r");
    json_decref(empty);
    cr_expect_str_eq(out.bytes, "{\"ok\":true}\n{\"ok\":true,\"ref\":\"r\"}\n");
}

Test(wire_answer, is_one_line_whatever_is_in_it)
{
    json_t *object = json_pack("{s:s}", "content", "a\nb");
    answer_json(&out, object, "c\nd");
    json_decref(object);
    cr_expect_eq(strchr(out.bytes, '\n'), out.bytes + out.length - 1);
}

Test(wire_answer, reads_what_was_written)
{
    answer_accepted(&out, &(struct acceptance){ 42, "pending", 1, 0, false }, NULL);
    cr_assert(parse(out.bytes));
    cr_expect(answer.ok);
    cr_expect_eq(json_integer_value(json_object_get(answer.root, "id")), 42);
}

Test(wire_answer, reads_every_refusal_that_was_written)
{
    for (int word = 0; word < REFUSAL_WORDS; word++) {
        struct refusal refusal;
        refusal_set(&refusal, (enum refusal_word)word, "to", "because \"so\"");
        text_empty(&out);
        answer_refused(&out, &refusal, NULL);
        cr_assert(parse(out.bytes));
        cr_expect_not(answer.ok);
        cr_expect_eq((int)answer.refusal.word, word);
        cr_expect_eq(answer.refusal.retry, refusal.retry);
        cr_expect_str_eq(answer.refusal.field, "to");
        cr_expect_str_eq(answer.refusal.message, "because \"so\"");
    }
}

Test(wire_answer, a_word_of_the_future_is_understood_by_its_retry)
{
    cr_assert(parse("{\"ok\":false,\"error\":\"too-hot\",\"message\":\"m\",\"retry\":true}"));
    cr_expect_eq(answer.refusal.word, REFUSAL_INVALID);
    cr_expect(answer.refusal.retry);
    cr_expect_str_eq(answer.refusal.message, "too-hot: m");
}

Test(wire_answer, knows_what_is_no_answer)
{
    static const char *const lines[] = {
        "", "HTTP/1.1 400 Bad Request", "[]", "{}", "{\"ok\":1}", "{\"ok\":\"true\"}", "{\"ok\":tr",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        cr_expect_not(parse(lines[i]), "%s", lines[i]);
        cr_expect_null(answer.root);
    }
}
