/*
 * storage_gate.c - preloaded into chatrelayd, it puts a test between it and its log
 *
 * Whenever the outbox's write-ahead log is synced, the process connects to the
 * Unix socket $CHATRELAY_SYNC_GATE and waits there for one byte: 's' has it
 * synced, 'w' too and then asks again, 'e' makes the sync fail with EIO. When
 * nobody listens, it is synced.
 * While the file $CHATRELAY_FULL_DISK exists, writing to the log fails with ENOSPC.
 * Of a file ".backup" at most 100 000 bytes are read at a time.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The names by which libc's are replaced. */
int gate_sync(int fd) __asm__("fdatasync");
ssize_t gate_write(int fd, const void *bytes, size_t count, off_t offset) __asm__("pwrite");
ssize_t gate_read64(int fd, void *bytes, size_t count, off64_t offset) __asm__("pread64");
ssize_t gate_read(int fd, void *bytes, size_t count, off_t offset) __asm__("pread");
ssize_t gate_write64(int fd, const void *bytes, size_t count, off64_t offset) __asm__("pwrite64");

static bool ends_with(int fd, const char *ending)
{
    char path[32], name[PATH_MAX];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(path, name, sizeof name);
    size_t ending_length = strlen(ending);
    return length > (ssize_t)ending_length &&
           memcmp(name + length - ending_length, ending, ending_length) == 0;
}

static bool is_log(int fd)
{
    return ends_with(fd, "-wal");
}

/* What the test says. */
static char ask(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char answer = 's';
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        read(fd, &answer, 1) != 1)
        answer = 's';
    close(fd);
    return answer;
}

int gate_sync(int fd)
{
    const char *gate = getenv("CHATRELAY_SYNC_GATE");
    char word = 's';
    if (gate && is_log(fd))
        word = ask(gate);
    if (word == 'e') {
        errno = EIO;
        return -1;
    }
    int failed = fsync(fd);
    if (word == 'w')
        ask(gate);
    return failed;
}

static bool is_full(int fd)
{
    const char *sign = getenv("CHATRELAY_FULL_DISK");
    return sign && is_log(fd) && access(sign, F_OK) == 0;
}

ssize_t gate_write64(int fd, const void *bytes, size_t count, off64_t offset)
{
    ssize_t (*write_really)(int, const void *, size_t, off64_t) = NULL;
    void *found = dlsym(RTLD_NEXT, "pwrite64");
    memcpy(&write_really, &found, sizeof write_really);
    if (is_full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return write_really(fd, bytes, count, offset);
}

ssize_t gate_write(int fd, const void *bytes, size_t count, off_t offset)
{
    return gate_write64(fd, bytes, count, offset);
}

ssize_t gate_read64(int fd, void *bytes, size_t count, off64_t offset)
{
    enum { SHORT_READ = 100000 };
    ssize_t (*read_really)(int, void *, size_t, off64_t) = NULL;
    void *found = dlsym(RTLD_NEXT, "pread64");
    memcpy(&read_really, &found, sizeof read_really);
    if (count > SHORT_READ && ends_with(fd, ".backup"))
        count = SHORT_READ;
    return read_really(fd, bytes, count, offset);
}

ssize_t gate_read(int fd, void *bytes, size_t count, off_t offset)
{
    return gate_read64(fd, bytes, count, offset);
}
