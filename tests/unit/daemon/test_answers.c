#include "daemon/answers.h"
#include "daemon/peer.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct waits waits;
static struct answers answers;
static struct peer peer;
static int sockets[2];

static void begin(void)
{
    cr_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets) == 0);
    answers.waits = &waits;
}

static void finish(void)
{
    answers_clear(&answers);
    close(sockets[0]);
    close(sockets[1]);
}

TestSuite(answers, .init = begin, .fini = finish);

static void say(const char *line)
{
    text_add(draft_line(answers_latest(&answers), NULL), line);
}

/* `*known_as` is it until it is over. */
static void add_wait(struct wait **known_as)
{
    answers_add_wait(&answers, wait_new_known(&peer, NULL, known_as));
}

static void end_wait(struct wait *wait, const char *line)
{
    wait->over = true;
    text_add(draft_line(&wait->answer, NULL), line);
}

/* What the client has read since it was asked last. */
static void expect_told(const char *expected)
{
    char told[256] = "";
    cr_expect_eq(answers_write(&answers, sockets[0]), ANSWERS_WRITTEN);
    ssize_t count = recv(sockets[1], told, sizeof told - 1, 0);
    cr_expect_str_eq(count > 0 ? told : "", expected);
}

Test(answers, nothing_is_told_before_its_commit)
{
    say("one\n");
    cr_expect(answers_are_told(&answers) && answers_untold_bytes(&answers) == 4);
    expect_told("");
    answers_settle(&answers, OUTBOX_COMMITTED);
    cr_expect_not(answers_are_told(&answers));
    expect_told("one\n");
    cr_expect(answers_are_told(&answers) && answers_untold_bytes(&answers) == 0);
}

Test(answers, what_a_wait_holds_up_follows_it_in_order)
{
    say("one\n");
    struct wait *first = NULL, *second = NULL;
    add_wait(&first);
    say("three\n");
    add_wait(&second);
    say("five\n");
    end_wait(second, "four\n");
    answers_settle(&answers, OUTBOX_COMMITTED);
    expect_told("one\n");
    cr_expect_not(answers_are_told(&answers));
    end_wait(first, "two\n");
    answers_settle(&answers, OUTBOX_COMMITTED);
    expect_told("two\nthree\nfour\nfive\n");
    cr_expect(answers_are_told(&answers));
}

Test(answers, a_turn_that_is_undone_refuses_all_of_it)
{
    struct wait *wait = NULL;
    say("one\n");
    add_wait(&wait);
    say("two\n");
    answers_settle(&answers, OUTBOX_UNDONE);
    cr_expect(strstr(answers.draft.final.bytes, "\"storage\""));
    cr_expect(strstr(answers.first->behind.final.bytes, "\"storage\""));
}

Test(answers, a_client_that_does_not_read_or_is_gone)
{
    char many[4096];
    memset(many, 'x', sizeof many);
    for (int i = 0; i < 1000; i++)
        text_append(&answers.draft.final, many, sizeof many);
    cr_expect_eq(answers_write(&answers, sockets[0]), ANSWERS_BLOCKED);
    cr_expect(answers_untold_bytes(&answers) > 0 &&
              answers_untold_bytes(&answers) < 1000 * sizeof many);
    close(sockets[1]);
    cr_expect_eq(answers_write(&answers, sockets[0]), ANSWERS_BROKEN);
}
