/*
 * scratch.h - what the tests of files have in common: one in a folder of its own
 */
#ifndef CHATRELAY_TESTS_UNIT_SCRATCH_H
#define CHATRELAY_TESTS_UNIT_SCRATCH_H

#include "base/memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/chatrelay_test_XXXXXX";
static char *file; /* its path: there is none yet */

static inline void scratch_make(void)
{
    cr_assert(mkdtemp(folder) != NULL);
    file = xasprintf("%s/file", folder);
}

static inline void scratch_drop(void)
{
    unlink(file);
    rmdir(folder);
    free(file);
}

static inline void scratch_write(const char *text, mode_t mode)
{
    FILE *stream = fopen(file, "w");
    cr_assert(stream);
    fputs(text, stream);
    fclose(stream);
    cr_assert(chmod(file, mode) == 0);
}

#endif
