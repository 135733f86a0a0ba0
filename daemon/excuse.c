#include "daemon/excuse.h"

#include "base/text.h"
#include "daemon/supervisor.h"
#include "wire/answer.h"

#include <sys/socket.h>
#include <unistd.h>

void excuse_one(int fd, const struct refusal *refusal)
{
    struct text line CLEANUP(text_clear) = { 0 };
    answer_refused(&line, refusal, NULL);
    ssize_t sent = send(fd, line.bytes, line.length, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent;
    close(fd);
}

void excuse_all(const char *why)
{
    struct refusal refusal;
    struct error ignored;
    supervisor_status("ACT: the relay does not start: %s", why);
    int listen_fd = supervisor_passed(&ignored);
    if (listen_fd < 0)
        return;
    refusal_set(&refusal, REFUSAL_DOWN, NULL, "the relay does not start: %s", why);
    for (int fd; (fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
        excuse_one(fd, &refusal);
}
