/*
 * send.c - post a message: send THREAD TEXT [ONCE]
 *
 *     cc -o send send.c
 *
 * Prints the relay's answer. Exits like "chatrelay send": with 0 when the message is on disk, with
 * 12 when that is not known: the same ONCE makes it safe to send it again. 75: not taken now, try
 * later; 65: never, as it is; 69: nobody there; 64: wrong arguments.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* As JSON wants it. UTF-8 may stay as it is. */
static void put_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else if (byte < 0x20)
            fprintf(out, "\\u%04x", byte);
        else
            fputc(byte, out);
    }
    fputc('"', out);
}

static FILE *reach_relay(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *path = getenv("CHATRELAY_SOCKET");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s",
             path ? path : "/run/chatrelay/socket");
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return NULL;
    return fdopen(fd, "r+");
}

static int exit_code_of(const char *answer)
{
    if (strncmp(answer, "{\"ok\":true", 10) == 0)
        return 0;
    return strstr(answer, "\"retry\":true") ? 75 : 65;
}

int main(int argc, char **argv)
{
    char answer[4096], made[64];
    struct timespec now;
    signal(SIGPIPE, SIG_IGN);
    if (argc != 3 && argc != 4) {
        fputs("usage: send THREAD TEXT [ONCE]\n", stderr);
        return 64;
    }
    FILE *relay = reach_relay();
    if (!relay) {
        perror("send: the relay cannot be reached");
        return 69;
    }
    timespec_get(&now, TIME_UTC);
    snprintf(made, sizeof made, "%llx-%09ld-%ld", (unsigned long long)now.tv_sec, now.tv_nsec,
             (long)getpid());
    const char *once = argc == 4 ? argv[3] : made;
    fputs("{\"to\":", relay);
    put_string(relay, argv[1]);
    fputs(",\"content\":", relay);
    put_string(relay, argv[2]);
    fputs(",\"once\":", relay);
    put_string(relay, once);
    fputs("}\n", relay);
    if (fflush(relay) != 0 || !fgets(answer, sizeof answer, relay) || !strchr(answer, '\n')) {
        fprintf(stderr, "send: no answer; whether it is stored is not known. Again with: %s\n",
                once);
        return 12;
    }
    fputs(answer, stdout);
    fclose(relay);
    return exit_code_of(answer);
}
