#include "client/setup.h"

#include "base/memory.h"
#include "client/say.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char program[] = "chatrelay-setup";

/* In the folder that this program is in; NULL when that cannot be told. */
static char *path_beside_us(void)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    return slash ? xasprintf("%.*s/%s", (int)(slash - path), path, program) : NULL;
}

enum exit_code setup_become(char *const *words)
{
    CLEANUP(free_memory) char *name = xstrdup(program);
    CLEANUP(free_memory) char *path = path_beside_us();
    size_t count = 0;
    while (words[count])
        count++;
    CLEANUP(free_memory) char **argv = xcalloc(count + 2, sizeof *argv);
    argv[0] = name;
    memcpy(argv + 1, words, count * sizeof *argv);
    if (path)
        execv(path, argv);
    execvp(program, argv);
    say("%s cannot be run: %s; it was looked for as %s and in $PATH", program,
        strerrordesc_np(errno), path ? path : "a neighbour of chatrelay");
    return EXIT_CODE_BAD_SETTINGS;
}
