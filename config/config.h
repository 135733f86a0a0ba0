/*
 * config.h - the settings: read, checked, in their final units
 *
 * The table in setting_table.c is the one place that knows a setting's name, type,
 * bounds, default and help. Reading, checking, --show-config, suggestions and
 * the settings part of chatrelay.conf(5) follow from it.
 *
 * What is here is resolved: [defaults] lie in every thread, a thread knows its
 * sender, `allow` of [access] stands in each thread that has none of its own.
 * Nothing in here is looked up, opened or resolved any further: users and
 * groups are names, secrets are references.
 */
#ifndef CHATRELAY_CONFIG_CONFIG_H
#define CHATRELAY_CONFIG_CONFIG_H

#include "base/clock.h"
#include "base/error.h"
#include "config/problems.h"

#include <stdint.h>
#include <stdio.h>

enum {
    CONFIG_LONGEST_NAME = 64, /* of a thread or sender: [A-Za-z0-9._-]{1,64} */
    CONFIG_MOST_WINDOWS = 4,
};

/* A count or size given as "none"; a duration given as "off" is MSEC_NEVER, the same number. */
#define CONFIG_UNLIMITED INT64_MAX

enum config_on_doubt { CONFIG_ON_DOUBT_LOOK, CONFIG_ON_DOUBT_HOLD, CONFIG_ON_DOUBT_RISK_TWICE };

enum config_content_unit { CONFIG_CONTENT_UNIT_UTF8, CONFIG_CONTENT_UNIT_UTF16 };
enum config_digest { CONFIG_DIGEST_OFF, CONFIG_DIGEST_BACKLOG, CONFIG_DIGEST_ALWAYS };

/* Waits that double from the first to the longest. 0 < first_ms <= longest_ms. */
struct config_backoff {
    msec_t first_ms, longest_ms;
};

struct config_window {
    int64_t count; /* sends, at least 1 */
    msec_t window_ms;
};

/* All windows hold at the same time. None at all is `pace = off`. */
struct config_pace {
    struct config_window windows[CONFIG_MOST_WINDOWS];
    size_t count;
};

/* User names, and group names with their "@" in front. Never empty when it is set. */
struct config_names {
    char **names;
    size_t count;
};

struct config_relay {
    char *socket_path;    /* absolute, fits sockaddr_un */
    char *outbox_path;    /* absolute */
    char *default_thread; /* a configured thread, the only one if not said; NULL: none */
    int64_t min_free_bytes;
    msec_t once_window_ms;
    msec_t keep_content_ms, keep_record_ms; /* after a message's end */
    char *alarm_command; /* an absolute path and arguments, with blanks between them; or NULL */
    msec_t alarm_every_ms;
    char *time_zone;         /* as TZ takes it: "UTC", "Europe/Berlin" */
    char *metadata_endpoint; /* of the machine's metadata service; no slash at the end */
};

struct config_access {
    struct config_names allow, operators;
};

struct config_sender {
    char *name;
    char *endpoint;               /* scheme://host[:port], no slash at the end; see config_read() */
    bool is_loopback;             /* the endpoint is on this machine */
    char *identity;               /* "8:acs:..."; NULL when not said */
    char *connection_string_file; /* of these five exactly one is not NULL; */
    char *access_key_file;        /* files are references, see config_secret_path() */
    char *token_file;
    char *token_command;    /* an absolute path and arguments, with blanks between them */
    char *managed_identity; /* "system", or a client id */
    msec_t token_lifetime_ms;
    char *display_name;
    msec_t connect_timeout_ms;
    msec_t request_timeout_ms;
    struct config_backoff backoff;
    char *api_version; /* of the Chat API: "2025-03-15" */
    char *ca_file;     /* absolute; NULL: the system's authorities */
    char *proxy;       /* http://HOST:PORT, or "environment"; NULL: none */
};

struct config_thread {
    char *name;
    char *id; /* as the API knows it: "19:...@thread.v2" */
    char *sender_name;
    const struct config_sender *sender; /* the one of config.senders, never NULL */
    struct config_names allow;
    struct config_pace pace;
    msec_t ttl_ms;
    struct config_backoff backoff;
    msec_t settle_ms;
    enum config_on_doubt on_doubt;
    int64_t content_limit; /* in units of content_unit */
    enum config_content_unit content_unit;
    int64_t urgent_share_percent;
    int64_t most_messages; /* or CONFIG_UNLIMITED, as most_bytes */
    int64_t most_bytes;
    enum config_digest digest;
    msec_t digest_after_ms;
    int64_t digest_messages;
    msec_t late_mark_ms;    /* or MSEC_NEVER */
    msec_t report_after_ms; /* likewise */
    char *was;              /* the thread's former name, or NULL */
};

/* How much somebody may have waiting. */
struct config_quota {
    char *who;       /* a user, or a group with "@": then each member alone */
    int64_t waiting; /* messages, or CONFIG_UNLIMITED */
};

/*
 * May be copied by assignment, one copy to be cleared; pointers into it stay
 * valid until then. Zeroed, it is a configuration of nothing.
 */
struct config {
    struct config_relay relay;
    struct config_access access;
    struct config_sender *senders; /* all in the order of their first mention */
    size_t sender_count;
    struct config_thread *threads;
    size_t thread_count;
    struct config_quota *quotas;
    size_t quota_count;
    struct config_document *document; /* what was read, for config_print() */
};

/*
 * The settings file that a path means: this one, or chatrelay.conf in it if it is a folder. To be
 * freed.
 */
MUST_CHECK char *config_file_meant(const char *path);

/*
 * Read the file at `path` and then, in C order, the files conf.d/[*].conf beside it.
 * Later files win. Every problem of every file is added to `problems`, in the
 * order of files and lines; it is empty before. True when none is an error:
 * `config` is to be cleared by the caller. False leaves it zeroed. A file that is not there is an
 * error, a folder conf.d that is not there is none; no threads at all is valid.
 */
MUST_CHECK bool config_load(const char *path, struct config *config,
                            struct config_problems *problems);

/* A file that is in memory already. `name` is what problems call it. */
struct config_text {
    const char *name;
    const char *bytes; /* not necessarily NUL-terminated, nor free of NUL bytes */
    size_t length;
};

/*
 * The same, as if the file of conf.d that is called `changed->name` held these bytes: whether
 * something may be written is known before it is.
 */
MUST_CHECK bool config_load_with(const char *path, const struct config_text *changed,
                                 struct config *config, struct config_problems *problems);

/*
 * Of `count` texts alone; nothing is looked at outside of them: no file, no time zone. So
 * the endpoint of a sender with a connection string is NULL.
 */
MUST_CHECK bool config_read(const struct config_text *texts, size_t count, struct config *config,
                            struct config_problems *problems);

/* Free what a config holds; it is zeroed after. */
void config_clear(struct config *config);

/* NULL when there is none of that name. */
const struct config_thread *config_thread_by_name(const struct config *config, const char *name);
const struct config_sender *config_sender_by_name(const struct config *config, const char *name);

/* What is sent to when a message names no thread; NULL: such a message is an error. */
const struct config_thread *config_default_thread(const struct config *config);

/*
 * The settings in force in the file's own syntax, each below a comment that
 * says where it came from. No secret is ever among them.
 */
void config_print(const struct config *config, FILE *out);

/* The settings part of chatrelay.conf(5), in mdoc. */
void config_print_manual(FILE *out);

/*
 * The file that a secret's reference stands for: an absolute path stands for
 * itself, "credential:NAME" for $CREDENTIALS_DIRECTORY/NAME (systemd.exec(5)).
 * To be freed; NULL with a reason when there is no such folder.
 */
MUST_CHECK char *config_secret_path(const char *reference, struct error *err);

#endif
