#include "setup/ask.h"

#include "base/memory.h"
#include "base/secret_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LONGEST_LINE = 4096 };

/* What a terminal sends for its keys. */
enum { INTERRUPT = 3, END = 4, ERASE_ALL = 21, BACKSPACE = 8, DELETE = 127 };

static int open_terminal(struct error *err)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        error_set(err, "there is no terminal to ask at");
    return fd;
}

static void say(int fd, const char *text)
{
    ssize_t written = write(fd, text, strlen(text));
    (void)written; /* whoever cannot see the question will not answer it */
}

/* Key by key, the terminal being told to do nothing by itself. False: it was broken off. */
static bool read_keys(int fd, char *line, size_t size)
{
    size_t length = 0;
    char key = 0;
    while (read(fd, &key, 1) == 1) {
        switch (key) {
        case '\r':
        case '\n':
            line[length] = '\0';
            return true;
        case INTERRUPT:
        case END:
            return false;
        case ERASE_ALL:
            length = 0;
            break;
        case BACKSPACE:
        case DELETE:
            length -= length > 0;
            break;
        default:
            if (length + 1 < size)
                line[length++] = key;
        }
    }
    return false;
}

/* Asked once nothing is shown any more: what is typed before would be thrown away. */
static bool read_unseen(int fd, const char *question, char *line, size_t size, struct error *err)
{
    struct termios before;
    if (tcgetattr(fd, &before) != 0)
        return error_set(err, "the terminal cannot be read: %s", strerrordesc_np(errno));
    struct termios unseen = before;
    unseen.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
    tcsetattr(fd, TCSAFLUSH, &unseen);
    say(fd, question);
    bool done = read_keys(fd, line, size);
    tcsetattr(fd, TCSAFLUSH, &before);
    say(fd, "\n");
    return done || error_set(err, "nothing was done");
}

static char *trimmed(const char *line)
{
    while (isspace((unsigned char)*line))
        line++;
    size_t length = strlen(line);
    while (length > 0 && isspace((unsigned char)line[length - 1]))
        length--;
    return xmemdup0(line, length);
}

char *ask_secret(const char *question, struct error *err)
{
    char line[LONGEST_LINE] = "";
    char *answer = NULL;
    int fd = open_terminal(err);
    if (fd < 0)
        return NULL;
    if (read_unseen(fd, question, line, sizeof line, err))
        answer = trimmed(line);
    explicit_bzero(line, sizeof line);
    close(fd);
    return answer;
}

static bool is_yes(const char *line, bool standard)
{
    return line[0] == 'y' || line[0] == 'Y' || (line[0] == '\n' && standard);
}

bool ask_yes(const char *question, bool standard, struct error *err)
{
    char line[16] = "";
    int fd = open_terminal(err);
    if (fd < 0)
        return false;
    say(fd, question);
    say(fd, standard ? " [Y/n] " : " [y/N] ");
    ssize_t length = read(fd, line, sizeof line - 1);
    close(fd);
    return (length > 0 && is_yes(line, standard)) || error_set(err, "nothing was done");
}
