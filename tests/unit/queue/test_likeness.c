#include "queue/likeness.h"

#include <criterion/criterion.h>

static void expect_alike(const char *one, const char *other)
{
    cr_expect(likeness_of(one) == likeness_of(other), "\"%s\" and \"%s\"", one, other);
}

static void expect_unlike(const char *one, const char *other)
{
    cr_expect(likeness_of(one) != likeness_of(other), "\"%s\" and \"%s\"", one, other);
}

Test(likeness, numbers_make_no_difference)
{
    expect_alike("sshd[19939]: failed from 218.188.2.4", "sshd[7]: failed from 61.53.154.93");
    expect_alike("db01 is down", "db2 is down");
    expect_alike("blk_-1608999687919862906", "blk_-37");
    expect_alike("at 0x7ffe12", "at 0xdeadbee5");
    expect_alike("17", "x4");
    expect_alike("größe1", "höhe2");
}

Test(likeness, anything_else_does)
{
    expect_unlike("check pass", "check fail");
    expect_unlike("", "1");
    expect_unlike("1 2", "1  2");
    expect_unlike("db is down", "db01 is down");
    expect_unlike("a[1]", "a[1");
    expect_unlike("disk1 full", "1 disk full");
    expect_unlike("größe", "hoehe");
}
