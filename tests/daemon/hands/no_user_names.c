/*
 * no_user_names.c - preloaded into chatrelayd, it keeps all users' names from it
 */
#include <pwd.h>
#include <stddef.h>

/* The name by which libc's is replaced. */
int find_nobody(const char *name, struct passwd *entry, char *buffer, size_t size,
                struct passwd **result) __asm__("getpwnam_r");

int find_nobody(const char *name, struct passwd *entry, char *buffer, size_t size,
                struct passwd **result)
{
    (void)name, (void)entry, (void)buffer, (void)size;
    *result = NULL;
    return 0;
}
