/*
 * value.h - the types of settings: how each is read from its text
 */
#ifndef CHATRELAY_CONFIG_VALUE_H
#define CHATRELAY_CONFIG_VALUE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct setting;

enum { VALUE_LONGEST_TEXT = 64 };

struct value_type {
    const char *name; /* for the manual: "duration" */
    size_t size;      /* of the value */
    /* Read `text` into a zeroed value. A failure leaves it zeroed. */
    bool (*parse)(const struct setting *setting, const char *text, void *value, struct error *err);
    /* Free what the value points to; NULL when it points to nothing. */
    void (*clear)(void *value);
    /* A bound as one would write it; NULL when the type has no bounds to tell. */
    void (*say)(int64_t bound, char text[VALUE_LONGEST_TEXT]);
};

extern const struct value_type value_count;    /* int64_t */
extern const struct value_type value_size;     /* int64_t, bytes */
extern const struct value_type value_percent;  /* int64_t */
extern const struct value_type value_duration; /* msec_t */

extern const struct value_type value_choice;  /* an enum */
extern const struct value_type value_pace;    /* struct config_pace */
extern const struct value_type value_backoff; /* struct config_backoff */
extern const struct value_type value_names;   /* struct config_names */

/* All of these are a char *, freed by free(). */
extern const struct value_type value_text;    /* least and most are its length in bytes */
extern const struct value_type value_word;    /* the same, without blanks in it */
extern const struct value_type value_name;    /* of a thread or sender */
extern const struct value_type value_path;    /* absolute; `most` is its length */
extern const struct value_type value_secret;  /* a path or credential:NAME, never the secret */
extern const struct value_type value_command; /* an absolute path with arguments */
extern const struct value_type value_zone;    /* a time zone */
extern const struct value_type value_endpoint, value_metadata, value_proxy; /* see endpoint.h */
extern const struct value_type value_version;  /* YYYY-MM-DD, perhaps with -preview */
extern const struct value_type value_identity; /* a raw communication identifier */

/* Whether `text` can stand behind "name = " in a file, and is then read as it is. */
MUST_CHECK bool value_fits_line(const char *text, struct error *err);

/* Whether `text` would be accepted. The reason ends in what is allowed. */
MUST_CHECK bool value_check(const struct setting *setting, const char *text, struct error *err);

/* "1s to 365d", "1 to 100000 messages, or none"; false when the type has no bounds to tell. */
bool value_say_bounds(const struct setting *setting, char *text, size_t size);

/* A whole number and nothing else, below 10^17. */
bool value_parse_number(const char *text, int64_t *number);

/* [A-Za-z0-9._-]{1,64}, what threads and senders may be called. */
bool value_is_name(const char *text);

/* A user's name, or a group's with "@" in front. */
bool value_is_user_or_group(const char *text);

#endif
