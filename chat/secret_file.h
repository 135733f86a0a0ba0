/*
 * secret_file.h - a file that holds a secret: a token or a key
 */
#ifndef CHATRELAY_CHAT_SECRET_FILE_H
#define CHATRELAY_CHAT_SECRET_FILE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/*
 * Where the secret named in the settings is: a path as it is, or, for
 * "credential:NAME", NAME in `credentials_directory` (systemd's
 * $CREDENTIALS_DIRECTORY; NULL when there is none). To be freed with free(); NULL
 * when there is no such place.
 */
MUST_CHECK char *secret_file_path(const char *setting, const char *credentials_directory,
                                  struct error *err);

/* Equal for as long as a file was neither replaced nor written to. */
struct file_version {
    uint64_t device, inode;
    int64_t size;
    struct timespec changed;
};

/* False when there is no such file. */
MUST_CHECK bool file_version_of(const char *path, struct file_version *version, struct error *err);
bool file_version_equal(const struct file_version *one, const struct file_version *other);

/*
 * The one word in the file, white space around it cut off; to be given back to
 * secret_wipe(). NULL when it cannot be read, others than owner and group may
 * read it (mode & 007), or it holds anything but one word of visible ASCII.
 */
MUST_CHECK char *secret_file_read(const char *path, struct file_version *version,
                                  struct error *err);

/*
 * The words in the file, at most `most` of them, with white space around each; how
 * many there are, each to be given back to secret_wipe(). 0, with nothing read, in
 * the same cases.
 */
MUST_CHECK size_t secret_file_read_words(const char *path, char *words[], size_t most,
                                         struct file_version *version, struct error *err);

/* Overwrite and free. NULL is fine. */
void secret_wipe(char *secret);

#endif
