#include "base/memory.h"
#include "base/secret_file.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(secret_file, .init = scratch_make, .fini = scratch_drop);

static void expect_refused(const char *word)
{
    struct file_version version;
    struct error err = { 0 };
    char *secret = secret_file_read(file, &version, &err);
    cr_expect_null(secret);
    cr_expect(strstr(err.text, word), "%s", err.text);
    cr_expect_null(strstr(err.text, "sesame"));
    cr_expect_null(strstr(err.text, file), "whoever reads it names it");
    secret_wipe(secret);
}

Test(secret_file, holds_one_word_or_two_with_blanks_around)
{
    char *words[2] = { NULL };
    struct file_version version;
    scratch_write("\n open \tsesame\n", 0640);
    cr_assert_eq(secret_file_read_words(file, words, 2, &version, NULL), 2);
    cr_expect_str_eq(words[0], "open");
    cr_expect_str_eq(words[1], "sesame");
    secret_wipe(words[0]);
    secret_wipe(words[1]);
}

Test(secret_file, a_file_that_others_may_use_is_refused)
{
    scratch_write("sesame", 0604);
    expect_refused("0604");
    scratch_write("sesame", 0602);
    expect_refused("0602");
}

Test(secret_file, a_file_without_one_word_is_refused)
{
    expect_refused("No such file");
    scratch_write("", 0600);
    expect_refused("empty");
    scratch_write(" \n", 0600);
    expect_refused("one word");
    scratch_write("sesame sesame", 0600);
    expect_refused("one word");
    scratch_write("ses\ame", 0600);
    expect_refused("one word");
    cr_assert(truncate(file, 20000) == 0);
    expect_refused("longer");
    unlink(file);
    cr_assert(mkfifo(file, 0600) == 0);
    expect_refused("regular");
}

Test(secret_file, a_credential_has_a_plain_name)
{
    static const char *const wrong[] = { "credential:", "credential:../x", "credential:..",
                                         "credential:a/b" };
    struct error err;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_null(secret_file_path(wrong[i], "/run", &err), "%s", wrong[i]);
    cr_expect_null(secret_file_path("credential:x", NULL, &err));
    cr_expect(strstr(err.text, "LoadCredential"), "%s", err.text);
}
