#include "client/change.h"

#include <criterion/criterion.h>

static struct text out;
static struct change change;

static void make(void)
{
    change = (struct change){ .op = REQUEST_CANCEL };
}

static void finish(void)
{
    text_clear(&out);
    change_clear(&change);
}

TestSuite(client_change, .init = make, .fini = finish);

static void add(const char *text)
{
    json_error_t err;
    json_t *answer = json_loads(text, 0, &err);
    cr_assert(answer, "%s", err.text);
    change_add(&change, answer);
    json_decref(answer);
}

Test(client_change, pages_are_added_up)
{
    cr_expect_not(change_has_begun(&change));
    add("{\"changed\":2,\"wished\":1,\"unchanged\":{\"sent\":1}}");
    add("{\"changed\":3,\"wished\":0,\"unchanged\":{\"sent\":2,\"not-found\":1}}");
    cr_expect(change_has_begun(&change));
    change_describe(&change, &out);
    cr_expect_str_eq(out.bytes,
                     "5 cancelled, 1 as soon as the attempt under way has ended, unless "
                     "sent, 4 not: 3 sent, 1 not found\n");
    text_empty(&out);
    change_as_json(&change, &out);
    cr_expect_str_eq(out.bytes,
                     "{\"ok\":true,\"changed\":5,\"wished\":1,\"unchanged\":{\"sent\":3,"
                     "\"not-found\":1},\"left\":[]}\n");
}

Test(client_change, each_verb_has_its_word)
{
    static const struct {
        enum request_op op;
        const char *said;
    } rows[] = { { REQUEST_CANCEL, "1 cancelled\n" },
                 { REQUEST_HOLD, "1 held\n" },
                 { REQUEST_RELEASE, "1 released\n" },
                 { REQUEST_RETRY, "1 brought back\n" } };
    add("{\"changed\":1}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        change.op = rows[i].op;
        change_describe(&change, &out);
        cr_expect_str_eq(out.bytes, rows[i].said);
        text_empty(&out);
    }
}

Test(client_change, the_exit_code_tells_what_was_not_done)
{
    add("{\"changed\":1,\"wished\":1,\"unchanged\":{\"already\":2}}");
    cr_expect(change_exit_code(&change) == EXIT_CODE_DONE);
    add("{\"changed\":1,\"unchanged\":{\"sent\":1}}");
    cr_expect(change_exit_code(&change) == EXIT_CODE_BAD_DATA);
    add("{\"changed\":0,\"unchanged\":{\"full\":1}}");
    cr_expect(change_exit_code(&change) == EXIT_CODE_TRY_LATER);
    add("{\"changed\":0,\"unchanged\":{\"unknown-thread\":1}}");
    cr_expect(change_exit_code(&change) == EXIT_CODE_UNKNOWN_THREAD);
    add("{\"changed\":0,\"unchanged\":{\"not-found\":1}}");
    cr_expect(change_exit_code(&change) == EXIT_CODE_NOT_FOUND);
}
