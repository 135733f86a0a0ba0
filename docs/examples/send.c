/*
 * send.c - post a message: send THREAD TEXT
 *
 *     cc -o send send.c
 *
 * Prints the relay's answer. Exits with 0 when the message is on disk, and with 75
 * when it is not: then the same line can be sent again, safely, if it has a "once".
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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

int main(int argc, char **argv)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/chatrelay/socket" };
    char answer[4096];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (argc != 3 || fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("send");
        return 75;
    }
    FILE *relay = fdopen(fd, "r+");
    fputs("{\"to\":", relay);
    put_string(relay, argv[1]);
    fputs(",\"content\":", relay);
    put_string(relay, argv[2]);
    fputs("}\n", relay);
    if (fflush(relay) != 0 || !fgets(answer, sizeof answer, relay)) {
        fputs("send: the relay hung up before it answered\n", stderr);
        return 75;
    }
    fputs(answer, stdout);
    fclose(relay);
    return strncmp(answer, "{\"ok\":true", 10) == 0 ? 0 : 75;
}
