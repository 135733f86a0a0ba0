/*
 * setup.h - what every verb works with
 *
 *     options -> setup_open -> verb -> setup_close
 *
 * Where things are, seen from the settings file /etc/chatrelay/chatrelay.conf:
 * conf.d/10-setup.conf, keys/SENDER, people/PERSON.json, and setup.plan while
 * something is unfinished.
 */
#ifndef CHATRELAY_SETUP_SETUP_H
#define CHATRELAY_SETUP_SETUP_H

#include "config/config.h"
#include "setup/options.h"
#include "setup/own_settings.h"
#include "setup/plan.h"
#include "setup/web.h"

#include <jansson.h>

struct setup {
    const struct options *options;
    char *folder, *config_path, *own_path;
    int lock_fd; /* of the folder, one of us at a time; -1: it is not there yet */
    struct web *web;
    struct config config;    /* all that is in force, ours included */
    struct own_settings own; /* what we wrote */
    bool own_is_ours;        /* what stands at own_path may be written over */
    struct error own_reason; /* why not */
    struct plan *plan;
    struct error err; /* why the verb did not end with STATUS_DONE */
};

/* Reads what is there. To be closed also when it fails, and has said why in `err`. */
enum status setup_open(struct setup *setup, const struct options *options);
void setup_close(struct setup *setup);

/* A file or folder in the settings' folder; to be freed. */
char *setup_path(const struct setup *setup, const char *name);

/* Whether 10-setup.conf is ours to write: asked before anything is made. */
enum status setup_may_write(struct setup *setup);

/* The same, and there is a folder to write to: before anything is noted or written. */
enum status setup_prepare(struct setup *setup);

/*
 * Put `own` into force: written only when the relay would take all settings with it, which are
 * then those of `config`. The default thread remains the default. STATUS_BAD_SETTINGS, with the
 * problems on standard error, when it would not. What `config` pointed to before is gone.
 */
enum status setup_write(struct setup *setup);

/*
 * Whether setup_write() would do it with `own` in place of ours: the same status and words, and no
 * setting is written or in force.
 */
enum status setup_try(struct setup *setup, const struct own_settings *own);

/*
 * Have the user say yes, unless that was done on the command line. STATUS_USAGE when
 * nobody can be asked, or says no.
 */
enum status setup_confirm(struct setup *setup, const char *question);

/* The same of what cannot be taken back: there an empty line is a no. */
enum status setup_confirm_harm(struct setup *setup, const char *question);

/* ---- what the settings have ----------------------------------------------------------------- */

/* The thread of the settings; STATUS_UNKNOWN_THREAD when there is none of this name. */
enum status setup_find_thread(struct setup *setup, const char *name,
                              const struct config_thread **thread);

/* The one that was named with --sender, or the only one. */
enum status setup_find_sender(struct setup *setup, const struct config_sender **sender);

/* ---- words ---------------------------------------------------------------------------------- */

/*
 * A line to people, on standard error: "chatrelay-setup: ..." is only for complaints. What others
 * wrote may be in it, as in setup_print: nothing commands the terminal.
 */
void setup_tell(const char *format, ...) PRINTF_LIKE(1, 2);

/* What brings the settings that were written into force. */
void setup_tell_to_reload(const struct setup *setup);

/* A line of what was asked for, on standard output. */
void setup_print(const char *format, ...) PRINTF_LIKE(1, 2);

/* The same with --json. Takes it over. */
void setup_print_json(json_t *json);

/* `err` of the setup, and the status: for the last line of a verb. */
enum status setup_fail(struct setup *setup, enum status status, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
