/*
 * secret_file.h - a file that holds a secret: a token or a key
 */
#ifndef CHATRELAY_BASE_SECRET_FILE_H
#define CHATRELAY_BASE_SECRET_FILE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

/* Whether it says where a secret is: an absolute path, or credential:NAME, a plain file name. */
MUST_CHECK bool secret_file_is_reference(const char *reference, struct error *err);

/* Whether it names a systemd credential, and not a path. */
bool secret_file_is_credential(const char *reference);

/*
 * The file that a reference stands for: a path as it is, or, for "credential:NAME", NAME in
 * `credentials_directory` (systemd's $CREDENTIALS_DIRECTORY; NULL when there is none). To be freed;
 * NULL when there is no such place.
 */
MUST_CHECK char *secret_file_path(const char *reference, const char *credentials_directory,
                                  struct error *err);

/* No reason below names the file: its reader does. */

/* A regular file that others than its owner and group can do nothing with (mode & 007). */
MUST_CHECK bool secret_file_is_guarded(const struct stat *status, struct error *err);

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
 * secret_wipe(). NULL when it cannot be read, is not guarded, is larger than 16 KiB, or holds
 * anything but one word of visible ASCII.
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
