#include "daemon/excuse.h"

#include "base/text.h"
#include "daemon/supervisor.h"
#include "wire/answer.h"

#include <sys/socket.h>
#include <unistd.h>

void excuse_say(int fd, const struct refusal *refusal)
{
    struct text line CLEANUP(text_clear) = { 0 };
    answer_refused(&line, refusal, NULL);
    ssize_t sent = send(fd, line.bytes, line.length, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent;
}

void excuse_waiting(int listen_fd, const struct refusal *refusal)
{
    for (int fd; (fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        excuse_say(fd, refusal);
        close(fd);
    }
}

void excuse_from_start(const char *why)
{
    struct refusal refusal;
    struct error ignored;
    refusal_set(&refusal, REFUSAL_DOWN, NULL, "the relay does not start: %s", why);
    supervisor_status("ACT: %s", refusal.message);
    int listen_fd = supervisor_passed(&ignored);
    if (listen_fd >= 0)
        excuse_waiting(listen_fd, &refusal);
}
