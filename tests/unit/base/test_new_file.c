#include "base/new_file.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(new_file, .init = scratch_make, .fini = scratch_drop);

static bool put(const char *path, const char *text)
{
    const struct new_file fresh = { path, text, strlen(text), 0640, NULL };
    return new_file_write(&fresh, NULL);
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
    scratch_write("old", 0666);
    cr_assert(put(file, "new"));
    expect("new", 0640);
}

Test(new_file, what_an_earlier_run_has_left_is_no_hindrance)
{
    CLEANUP(free_memory) char *beside = xasprintf("%s.new", file);
    cr_assert(symlink("/dev/full", beside) == 0);
    cr_assert(put(file, "new"));
    expect("new", 0640);
    cr_expect(access(beside, F_OK) != 0);
}

Test(new_file, what_cannot_be_written_says_where)
{
    CLEANUP(free_memory) char *nowhere = xasprintf("%s/none/file", folder);
    const struct new_file fresh = { nowhere, "", 0, 0600, NULL };
    struct error err = { 0 };
    cr_expect_not(new_file_write(&fresh, &err));
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

static void expect_guarded(const char *path, const char *user, uid_t owner)
{
    struct stat status;
    uid_t found = (uid_t)-1;
    cr_expect(new_folder_guard(path, user, &found, NULL));
    cr_assert(stat(path, &status) == 0);
    cr_expect_eq(status.st_mode & 07777, 0700);
    cr_expect_eq(status.st_uid, owner);
    cr_expect_eq(found, owner);
}

Test(new_file, a_guarded_folder_stays_with_whom_it_is_if_there_is_nobody_to_give_it_to)
{
    CLEANUP(free_memory) char *inside = xasprintf("%s/inside", folder);
    expect_guarded(inside, "no-such-user", geteuid());
    cr_assert(chmod(inside, 0755) == 0);
    expect_guarded(inside, "no-such-user", geteuid());
    rmdir(inside);
}

Test(new_file, a_guarded_folder_is_given_once)
{
    CLEANUP(free_memory) char *inside = xasprintf("%s/inside", folder);
    if (geteuid() == 0) {
        expect_guarded(inside, "daemon", 1);
        expect_guarded(inside, "root", 1);
        rmdir(inside);
    }
}

Test(new_file, a_link_is_not_guarded)
{
    struct error err = { 0 };
    struct stat status;
    uid_t owner = 0;
    cr_assert(chmod(folder, 0755) == 0 && symlink(folder, file) == 0);
    cr_expect_not(new_folder_guard(file, "daemon", &owner, &err));
    cr_expect(strstr(err.text, file), "%s", err.text);
    cr_expect(stat(folder, &status) == 0 && (status.st_mode & 07777) == 0755);
}
