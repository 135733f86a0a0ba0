#include "base/new_file.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(new_file, .init = scratch_make, .fini = scratch_drop);

static bool put(const char *path, const char *text, const char *group, bool *shared)
{
    const struct new_file fresh = { path, text, strlen(text), 0640, group };
    return new_file_write(&fresh, shared, NULL);
}

static void expect(const char *text, mode_t mode)
{
    char found[64] = "";
    struct stat status;
    FILE *stream = fopen(file, "re");
    cr_assert(stream && fstat(fileno(stream), &status) == 0);
    cr_expect_eq(fread(found, 1, sizeof found - 1, stream), strlen(text));
    fclose(stream);
    cr_expect_str_eq(found, text);
    cr_expect_eq(status.st_mode & 07777, mode);
}

Test(new_file, takes_the_place_of_what_was_there)
{
    bool shared = false;
    scratch_write("old", 0666);
    cr_assert(put(file, "new", NULL, &shared));
    expect("new", 0640);
    cr_expect(shared);
}

Test(new_file, what_an_earlier_run_has_left_is_no_hindrance)
{
    CLEANUP(free_memory) char *beside = xasprintf("%s.new", file);
    cr_assert(symlink("/dev/full", beside) == 0);
    cr_assert(put(file, "new", NULL, NULL));
    expect("new", 0640);
    cr_expect(access(beside, F_OK) != 0);
}

Test(new_file, for_a_group_that_is_not_there_it_is_its_owners_alone)
{
    bool shared = true;
    cr_assert(put(file, "new", "no-such-group", &shared));
    expect("new", 0600);
    cr_expect_not(shared);
}

Test(new_file, what_cannot_be_written_says_where)
{
    CLEANUP(free_memory) char *nowhere = xasprintf("%s/none/file", folder);
    const struct new_file fresh = { nowhere, "", 0, 0600, NULL };
    struct error err = { 0 };
    cr_expect_not(new_file_write(&fresh, NULL, &err));
    cr_expect(strstr(err.text, nowhere), "%s", err.text);
    cr_expect_not(new_folder_make(nowhere, 0700, &err));
    cr_expect(strstr(err.text, nowhere), "%s", err.text);
}

Test(new_file, a_folder_may_be_there_and_nothing_else)
{
    CLEANUP(free_memory) char *inside = xasprintf("%s/inside", folder);
    cr_expect(new_folder_make(inside, 0700, NULL));
    cr_expect(new_folder_make(inside, 0700, NULL));
    rmdir(inside);
    scratch_write("", 0600);
    cr_expect_not(new_folder_make(file, 0700, NULL));
}
