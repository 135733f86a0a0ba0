#include "base/secret_file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_SECRET = 16 * 1024 };

/* ---- where it is ---------------------------------------------------------------------------- */

/* NULL: it is no credential. */
static const char *credential_of(const char *reference)
{
    static const char prefix[] = "credential:";
    bool is_credential = strncmp(reference, prefix, sizeof prefix - 1) == 0;
    return is_credential ? reference + sizeof prefix - 1 : NULL;
}

bool secret_file_is_credential(const char *reference)
{
    return credential_of(reference) != NULL;
}

bool secret_file_is_reference(const char *reference, struct error *err)
{
    const char *name = credential_of(reference);
    if (name)
        return (*name != '\0' && *name != '.' && !strchr(name, '/')) ||
               error_set(err, "\"credential:\" must be followed by a credential's plain name");
    return *reference == '/' ||
           error_set(err,
                     "neither an absolute path nor credential:NAME; a secret itself never "
                     "stands in this file");
}

char *secret_file_path(const char *reference, const char *credentials_directory, struct error *err)
{
    const char *name = credential_of(reference);
    if (!secret_file_is_reference(reference, err))
        return NULL;
    if (!name)
        return xstrdup(reference);
    if (credentials_directory && *credentials_directory == '/')
        return xasprintf("%s/%s", credentials_directory, name);
    error_set(err,
              "$CREDENTIALS_DIRECTORY is not set: systemd hands credentials to a service "
              "that has LoadCredential=");
    return NULL;
}

/* ---- which it is ---------------------------------------------------------------------------- */

static struct file_version version_of(const struct stat *status)
{
    return (struct file_version){ .device = status->st_dev,
                                  .inode = status->st_ino,
                                  .size = status->st_size,
                                  .changed = status->st_mtim };
}

bool file_version_of(const char *path, struct file_version *version, struct error *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return error_set(err, "%s", strerrordesc_np(errno));
    *version = version_of(&status);
    return true;
}

bool file_version_equal(const struct file_version *one, const struct file_version *other)
{
    return one->device == other->device && one->inode == other->inode && one->size == other->size &&
           one->changed.tv_sec == other->changed.tv_sec &&
           one->changed.tv_nsec == other->changed.tv_nsec;
}

/* ---- what is in it -------------------------------------------------------------------------- */

bool secret_file_is_guarded(const struct stat *status, struct error *err)
{
    if (!S_ISREG(status->st_mode))
        return error_set(err, "not a regular file");
    return !(status->st_mode & S_IRWXO) ||
           error_set(err, "others may use this file (mode %04o), so it is no secret: chmod o-rwx",
                     (unsigned)status->st_mode & 07777);
}

static bool is_good(const struct stat *status, struct error *err)
{
    return secret_file_is_guarded(status, err) &&
           (status->st_size <= LONGEST_SECRET ||
            error_set(err, "it is longer than %d bytes", (int)LONGEST_SECRET));
}

/* Up to `size` bytes, whatever read() hands out at a time; -1 on failure. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = read(fd, bytes + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

static void wipe_words(char *words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        secret_wipe(words[i]);
}

/* Copy the words out of the text. 0 unless it is 1 to `most` words of visible ASCII. */
static size_t copy_words(const char *text, size_t length, char *words[], size_t most)
{
    static const char blanks[] = " \t\r\n";
    size_t at = strspn(text, blanks), count = 0;
    while (count < most && text[at] > ' ' && text[at] < 0x7f) {
        size_t start = at;
        while (text[at] > ' ' && text[at] < 0x7f)
            at++;
        words[count++] = xmemdup0(text + start, at - start);
        at += strspn(text + at, blanks);
    }
    if (at == length)
        return count;
    wipe_words(words, count);
    return 0;
}

static size_t read_words(int fd, char *words[], size_t most, struct error *err)
{
    char *text = xcalloc(LONGEST_SECRET + 1, 1);
    ssize_t length = read_all(fd, text, LONGEST_SECRET);
    size_t count = 0;
    if (length < 0)
        error_set(err, "%s", strerrordesc_np(errno));
    else if (length == 0)
        error_set(err, "it is empty");
    else {
        count = copy_words(text, (size_t)length, words, most);
        if (count == 0)
            error_set(err, "it holds more or less than %s",
                      most == 1 ? "one word" : "one or two words");
    }
    explicit_bzero(text, LONGEST_SECRET);
    free(text);
    return count;
}

size_t secret_file_read_words(const char *path, char *words[], size_t most,
                              struct file_version *version, struct error *err)
{
    struct stat status;
    size_t count = 0;
    /* O_NONBLOCK: opening a FIFO must not hang. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &status) != 0)
        error_set(err, "%s", strerrordesc_np(errno));
    else if (is_good(&status, err))
        count = read_words(fd, words, most, err);
    if (count > 0)
        *version = version_of(&status);
    if (fd >= 0)
        close(fd);
    return count;
}

char *secret_file_read(const char *path, struct file_version *version, struct error *err)
{
    char *word = NULL;
    return secret_file_read_words(path, &word, 1, version, err) > 0 ? word : NULL;
}

void secret_wipe(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}
