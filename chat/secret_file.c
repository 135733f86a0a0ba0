#include "chat/secret_file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_SECRET = 16 * 1024 };

char *secret_file_path(const char *setting, const char *credentials_directory, struct error *err)
{
    static const char prefix[] = "credential:";
    if (strncmp(setting, prefix, sizeof prefix - 1) != 0)
        return xstrdup(setting);

    const char *name = setting + sizeof prefix - 1;
    if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        error_set(err, "%s: a credential's name is a file name", setting);
        return NULL;
    }
    if (!credentials_directory) {
        error_set(err, "%s: there is no $CREDENTIALS_DIRECTORY; set LoadCredential=%s in the unit",
                  setting, name);
        return NULL;
    }
    return xasprintf("%s/%s", credentials_directory, name);
}

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
        return error_set(err, "%s: %s", path, strerrordesc_np(errno));
    *version = version_of(&status);
    return true;
}

bool file_version_equal(const struct file_version *one, const struct file_version *other)
{
    return one->device == other->device && one->inode == other->inode && one->size == other->size &&
           one->changed.tv_sec == other->changed.tv_sec &&
           one->changed.tv_nsec == other->changed.tv_nsec;
}

static bool check_file(const char *path, const struct stat *status, struct error *err)
{
    if (!S_ISREG(status->st_mode))
        return error_set(err, "%s: is not a regular file", path);
    if (status->st_mode & 007)
        return error_set(err, "%s: others may use it (mode %04o); chmod o= %s", path,
                         (unsigned)status->st_mode & 07777, path);
    if (status->st_size > LONGEST_SECRET)
        return error_set(err, "%s: is longer than %d bytes", path, (int)LONGEST_SECRET);
    return true;
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

static size_t read_words(int fd, const char *path, char *words[], size_t most, struct error *err)
{
    char *text = xcalloc(LONGEST_SECRET + 1, 1);
    ssize_t length = read_all(fd, text, LONGEST_SECRET);
    size_t count = 0;
    if (length < 0)
        error_set(err, "%s: %s", path, strerrordesc_np(errno));
    else if (length == 0)
        error_set(err, "%s: is empty", path);
    else {
        count = copy_words(text, (size_t)length, words, most);
        if (count == 0)
            error_set(err, "%s: holds more or less than %s", path,
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
        error_set(err, "%s: %s", path, strerrordesc_np(errno));
    else if (check_file(path, &status, err))
        count = read_words(fd, path, words, most, err);
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
