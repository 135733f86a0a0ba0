#include "bench/tool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 1024, CONNECT_TRIES = 1000, CONNECT_PAUSE_MS = 10 };

int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

size_t to_count(const char *text)
{
    char *end;
    long long count = strtoll(text, &end, 10);
    if (end == text || *end || count < 1)
        die("%s is not a count", text);
    return (size_t)count;
}

static struct sockaddr_un unix_address(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(address.sun_path))
        die("%s is too long for a socket", path);
    memcpy(address.sun_path, path, strlen(path));
    return address;
}

static int new_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket: %s", strerrordesc_np(errno));
    return fd;
}

int connect_unix(const char *path)
{
    struct sockaddr_un address = unix_address(path);
    for (int i = 0; i < CONNECT_TRIES; i++) {
        int fd = new_socket(AF_UNIX);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
            return fd;
        close(fd);
        poll(NULL, 0, CONNECT_PAUSE_MS);
    }
    die("%s: %s", path, strerrordesc_np(errno));
}

static int listen_on(int family, const void *address, socklen_t length)
{
    int fd = new_socket(family);
    if (bind(fd, address, length) < 0 || listen(fd, BACKLOG) < 0)
        die("listen: %s", strerrordesc_np(errno));
    return fd;
}

int listen_unix(const char *path)
{
    struct sockaddr_un address = unix_address(path);
    return listen_on(AF_UNIX, &address, sizeof(address));
}

int listen_loopback(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = listen_on(AF_INET, &address, sizeof(address));
    socklen_t length = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        die("getsockname: %s", strerrordesc_np(errno));
    printf("port %u\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int accept_from(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        die("accept: %s", strerrordesc_np(errno));
    int on = 1; /* fails harmlessly on a Unix socket */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

void write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = send(fd, bytes, length, MSG_NOSIGNAL);
        if (written < 0)
            die("write: %s", strerrordesc_np(errno));
        bytes += written;
        length -= (size_t)written;
    }
}
