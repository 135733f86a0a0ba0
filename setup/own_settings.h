/*
 * own_settings.h - conf.d/10-setup.conf, the one settings file that this program writes
 *
 * Its first line holds a checksum of the rest. What somebody has changed by hand, or
 * has written without us, no longer fits it, and is left alone.
 */
#ifndef CHATRELAY_SETUP_OWN_SETTINGS_H
#define CHATRELAY_SETUP_OWN_SETTINGS_H

#include "base/error.h"

#include <stddef.h>

struct own_setting {
    char *name, *value;
};

struct own_section {
    char *title; /* "thread ops" */
    struct own_setting *settings;
    size_t count;
};

/* Zeroed, it is empty. */
struct own_settings {
    struct own_section *sections;
    size_t count;
};

/* Of the file's bytes. False when they are not what own_settings_print() writes. Pure. */
MUST_CHECK bool own_settings_parse(struct own_settings *own, const char *bytes, size_t length);

/* The file's bytes; to be freed. Pure. */
char *own_settings_print(const struct own_settings *own);

/* Empty when there is no such file. False when it is not ours, or cannot be read. */
MUST_CHECK bool own_settings_load(struct own_settings *own, const char *path, struct error *err);

/* NULL when it is not set. */
const char *own_settings_get(const struct own_settings *own, const char *title, const char *name);

/* `value` NULL: nothing is done. Section and setting are made where they are missing. */
void own_settings_set(struct own_settings *own, const char *title, const char *name,
                      const char *value);

/* To be cleared like the other. */
struct own_settings own_settings_copy(const struct own_settings *own);

/* Also for CLEANUP(). */
void own_settings_clear(struct own_settings *own);

#endif
