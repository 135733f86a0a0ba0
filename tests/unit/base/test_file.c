#include "base/file.h"
#include "base/memory.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(file, .init = scratch_make, .fini = scratch_drop);

static struct stat status_of(const char *name)
{
    struct stat status;
    cr_assert(lstat(name, &status) == 0);
    return status;
}

Test(file, one_that_is_made_is_empty_and_its_owners)
{
    cr_assert(file_make_private(file));
    cr_expect(status_of(file).st_mode == (S_IFREG | S_IRUSR | S_IWUSR));
    cr_expect(status_of(file).st_size == 0);
}

Test(file, a_link_that_is_there_is_not_followed)
{
    CLEANUP(free_memory) char *victim = xasprintf("%s/victim", folder);
    cr_assert(symlink(victim, file) == 0);
    cr_assert(file_make_private(file));
    cr_expect(S_ISREG(status_of(file).st_mode));
    cr_expect(access(victim, F_OK) != 0);
}

Test(file, what_cannot_be_made_or_synced_says_why)
{
    CLEANUP(free_memory) char *nowhere = xasprintf("%s/none/file", folder);
    cr_expect(!file_make_private(nowhere) && errno == ENOENT);
    errno = 0;
    cr_expect(!file_sync(nowhere) && errno == ENOENT);
    errno = 0;
    cr_expect(!file_sync_folder_of(nowhere) && errno == ENOENT);
}

Test(file, a_folder_is_that_of_the_name)
{
    cr_assert(file_make_private(file));
    cr_expect(file_sync(file) && file_sync_folder_of(file));
    cr_expect(file_sync_folder_of("/file") && file_sync_folder_of("file"));
}

Test(file, one_without_a_name_gets_it_when_all_is_done)
{
    bool named = false;
    int fd = file_open_nameless(file, &named);
    cr_assert(fd >= 0 && write(fd, "whole", 5) == 5);
    if (!named) { /* as nearly every file system has it */
        cr_expect(access(file, F_OK) != 0);
        cr_assert(file_give_name(fd, file));
        errno = 0;
        cr_expect(!file_give_name(fd, file) && errno == EEXIST);
    }
    cr_expect(status_of(file).st_mode == (S_IFREG | S_IRUSR | S_IWUSR));
    cr_expect(status_of(file).st_size == 5);
    close(fd);
    errno = 0;
    cr_expect(file_open_nameless(file, &named) < 0 && errno == EEXIST);
}
