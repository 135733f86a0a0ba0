/*
 * Stands in for libFuzzer where there is none: gives a fuzz target every file of
 * a folder once. What a fuzzer has found stays found, with any compiler.
 */
#include "base/memory.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST_INPUT = 1024 * 1024 };

static bool replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    uint8_t *input = xcalloc(LONGEST_INPUT, 1);
    size_t size = fread(input, 1, LONGEST_INPUT, file);
    fclose(file);
    /* Exactly its size: a sanitizer sees a read beyond it. */
    input = xreallocarray(input, size > 0 ? size : 1, 1);
    LLVMFuzzerTestOneInput(input, size);
    free(input);
    return true;
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    struct dirent **entries;
    int count = argc == 2 ? scandir(argv[1], &entries, is_input, alphasort) : -1;
    if (count <= 0) {
        fputs("usage: fuzz_NAME FOLDER, with at least one file in it\n", stderr);
        return 64;
    }
    int status = 0;
    for (int i = 0; i < count; i++) {
        char *path = xasprintf("%s/%s", argv[1], entries[i]->d_name);
        printf("%s\n", path);
        fflush(stdout); /* before a crash, to name its cause */
        if (!replay(path))
            status = 1;
        free(path);
        free(entries[i]);
    }
    free(entries);
    return status;
}
