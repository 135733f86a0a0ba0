#include "setup/setup.h"

#include "base/memory.h"
#include "base/new_file.h"
#include "setup/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char skeleton[] =
    "# Settings of chatrelay, see chatrelay.conf(5). What \"chatrelay setup\" has made is in\n"
    "# conf.d/10-setup.conf; \"chatrelayd --show-config\" prints all that is in force.\n";

/* ---- where things are ----------------------------------------------------------------------- */

char *setup_path(const struct setup *setup, const char *name)
{
    return xasprintf("%s/%s", setup->folder, name);
}

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return xstrdup(".");
    return slash == path ? xstrdup("/") : xmemdup0(path, (size_t)(slash - path));
}

/* Of a folder that may not be there yet, without links and dots. NULL: its parent is not either. */
static char *real_path(char *folder)
{
    for (size_t length = strlen(folder); length > 1 && folder[length - 1] == '/'; length--)
        folder[length - 1] = '\0';
    char *name = realpath(folder, NULL);
    if (name || errno != ENOENT)
        return name;
    CLEANUP(free_memory) char *above = folder_of(folder);
    CLEANUP(free_memory) char *parent = realpath(above, NULL);
    const char *slash = strrchr(folder, '/');
    return parent ? xasprintf("%s/%s", parent, slash ? slash + 1 : folder) : NULL;
}

/* Absolute, for the settings name files in it. */
static enum status find_folder(struct setup *setup, const char *config)
{
    const char *name = strrchr(config, '/') ? strrchr(config, '/') + 1 : config;
    bool is_file = !is_folder(config) && strlen(name) > strlen(".conf") &&
                   strcmp(name + strlen(name) - strlen(".conf"), ".conf") == 0;
    CLEANUP(free_memory) char *folder = is_file ? folder_of(config) : xstrdup(config);
    setup->folder = real_path(folder);
    if (!setup->folder)
        return setup_fail(setup, STATUS_BAD_SETTINGS, "%s: %s", folder, strerrordesc_np(errno));
    setup->config_path = setup_path(setup, is_file ? name : "chatrelay.conf");
    setup->own_path = setup_path(setup, "conf.d/10-setup.conf");
    return STATUS_DONE;
}

/* One that is not there need not be locked. */
static enum status lock_folder(struct setup *setup)
{
    setup->lock_fd = open(setup->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (setup->lock_fd < 0 && errno == ENOENT)
        return STATUS_DONE;
    if (setup->lock_fd < 0)
        return setup_fail(setup, STATUS_DENIED, "%s: %s", setup->folder, strerrordesc_np(errno));
    if (flock(setup->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return STATUS_DONE;
    return setup_fail(setup, STATUS_TRY_LATER, "another chatrelay-setup is at work in %s",
                      setup->folder);
}

/* Where somebody else has just made it, what we read of it is not what is there. */
static enum status make_folder(struct setup *setup)
{
    if (setup->lock_fd >= 0)
        return STATUS_DONE;
    if (mkdir(setup->folder, 0755) == 0)
        return lock_folder(setup);
    return setup_fail(setup, errno == EEXIST ? STATUS_TRY_LATER : STATUS_DENIED,
                      "cannot make the folder %s: %s", setup->folder, strerrordesc_np(errno));
}

/* ---- settings ------------------------------------------------------------------------------- */

/*
 * Read them into `setup`, with `own` in the place of our file unless it is NULL. False, and all as
 * it was, having said why.
 */
static bool load(struct setup *setup, const struct config_text *own)
{
    struct config_problems problems = { 0 };
    struct config config;
    bool valid = config_load_with(setup->config_path, own, &config, &problems);
    config_problems_print(&problems, stderr);
    config_problems_clear(&problems);
    if (!valid)
        return false;
    config_clear(&setup->config);
    setup->config = config;
    return true;
}

static enum status load_first(struct setup *setup)
{
    if (access(setup->config_path, F_OK) != 0 && access(setup->own_path, F_OK) != 0)
        return STATUS_DONE;
    if (load(setup, NULL))
        return STATUS_DONE;
    return setup_fail(setup, STATUS_BAD_SETTINGS, "the settings are not valid: nothing was done");
}

enum status setup_may_write(struct setup *setup)
{
    if (setup->own_is_ours)
        return STATUS_DONE;
    return setup_fail(setup, STATUS_BAD_SETTINGS, "%s", setup->own_reason.text);
}

enum status setup_prepare(struct setup *setup)
{
    enum status status = setup_may_write(setup);
    return status == STATUS_DONE ? make_folder(setup) : status;
}

static bool write_skeleton(struct setup *setup)
{
    const struct new_file file = { setup->config_path, skeleton, sizeof skeleton - 1, 0644, NULL };
    return access(setup->config_path, F_OK) == 0 || new_file_write(&file, &setup->err);
}

/* `own` as the file's bytes, which are in `config` then. To be freed; NULL: they are not valid. */
static char *load_own(struct setup *setup)
{
    char *bytes = own_settings_print(&setup->own);
    const struct config_text own = { setup->own_path, bytes, strlen(bytes) };
    if (load(setup, &own))
        return bytes;
    free(bytes);
    return NULL;
}

/* The same. The only thread was the default by itself: beside a second one it must be said. */
static char *load_own_with_default(struct setup *setup)
{
    CLEANUP(free_memory) char *former = xstrdup_or_null(setup->config.relay.default_thread);
    char *bytes = load_own(setup);
    if (!bytes || !former || config_default_thread(&setup->config))
        return bytes;
    free(bytes);
    own_settings_set(&setup->own, "relay", "default_thread", former);
    setup_tell("What names no thread goes to %s as before (default_thread).", former);
    return load_own(setup);
}

/* There is a folder, and a file to begin with: the relay takes no settings without it. */
static enum status prepare_to_load(struct setup *setup)
{
    enum status status = setup_prepare(setup);
    return status == STATUS_DONE && !write_skeleton(setup) ? STATUS_DENIED : status;
}

static enum status fail_invalid(struct setup *setup)
{
    return setup_fail(setup, STATUS_BAD_SETTINGS,
                      "the settings would not be valid with this, so %s is left as it was",
                      setup->own_path);
}

enum status setup_try(struct setup *setup, const struct own_settings *own)
{
    struct config_problems problems = { 0 };
    struct config config = { 0 };
    enum status status = prepare_to_load(setup);
    if (status != STATUS_DONE)
        return status;
    CLEANUP(free_memory) char *bytes = own_settings_print(own);
    const struct config_text text = { setup->own_path, bytes, strlen(bytes) };
    bool valid = config_load_with(setup->config_path, &text, &config, &problems);
    if (!valid) /* what is merely odd is said when it is written */
        config_problems_print(&problems, stderr);
    config_problems_clear(&problems);
    config_clear(&config);
    return valid ? STATUS_DONE : fail_invalid(setup);
}

enum status setup_write(struct setup *setup)
{
    enum status status = prepare_to_load(setup);
    if (status != STATUS_DONE)
        return status;
    CLEANUP(free_memory) char *folder = setup_path(setup, "conf.d");
    if (!new_folder_make(folder, 0755, &setup->err))
        return STATUS_DENIED;
    CLEANUP(free_memory) char *bytes = load_own_with_default(setup);
    if (!bytes)
        return fail_invalid(setup);
    const struct new_file file = { setup->own_path, bytes, strlen(bytes), 0644, NULL };
    return new_file_write(&file, &setup->err) ? STATUS_DONE : STATUS_DENIED;
}

enum status setup_find_thread(struct setup *setup, const char *name,
                              const struct config_thread **thread)
{
    *thread = config_thread_by_name(&setup->config, name);
    if (*thread)
        return STATUS_DONE;
    return setup_fail(setup, STATUS_UNKNOWN_THREAD, "the settings have no [thread %s] (%s)", name,
                      setup->config_path);
}

enum status setup_find_sender(struct setup *setup, const struct config_sender **sender)
{
    const char *name = setup->options->sender;
    const struct config *config = &setup->config;
    *sender = name                        ? config_sender_by_name(config, name)
              : config->sender_count == 1 ? &config->senders[0]
                                          : NULL;
    if (*sender)
        return STATUS_DONE;
    if (name)
        return setup_fail(setup, STATUS_BAD_SETTINGS, "the settings have no [sender %s] (%s)", name,
                          setup->config_path);
    return setup_fail(setup, config->sender_count == 0 ? STATUS_BAD_SETTINGS : STATUS_USAGE,
                      config->sender_count == 0
                          ? "there is no sender yet: run chatrelay setup"
                          : "there are several senders: say which with --sender NAME");
}

/* A sender in the settings is finished, even if an earlier run had no time to note that. */
static bool settle_senders(struct setup *setup)
{
    for (size_t i = 0; i < setup->own.count; i++) {
        const char *title = setup->own.sections[i].title;
        const char *identity = own_settings_get(&setup->own, title, "identity");
        const char *planned = plan_get(setup->plan, title, "identity");
        bool is_sender = strncmp(title, "sender ", strlen("sender ")) == 0;
        if (is_sender && identity && planned && strcmp(identity, planned) == 0 &&
            !plan_reached(setup->plan, title, &setup->err))
            return false;
    }
    return true;
}

/* ---- a run ---------------------------------------------------------------------------------- */

enum status setup_open(struct setup *setup, const struct options *options)
{
    *setup = (struct setup){ .options = options, .lock_fd = -1 };
    enum status status = find_folder(setup, options->config);
    if (status == STATUS_DONE)
        status = lock_folder(setup);
    if (status == STATUS_DONE)
        status = load_first(setup);
    if (status != STATUS_DONE)
        return status;
    setup->own_is_ours = own_settings_load(&setup->own, setup->own_path, &setup->own_reason);
    CLEANUP(free_memory) char *plan_path = setup_path(setup, "setup.plan");
    setup->plan = plan_open(plan_path, &setup->err);
    if (!setup->plan)
        return STATUS_BAD_SETTINGS;
    if (!settle_senders(setup))
        return STATUS_DENIED;
    setup->web = web_new("chatrelay-setup/" CHATRELAY_VERSION, &setup->err);
    return setup->web ? STATUS_DONE : STATUS_TRY_LATER;
}

void setup_close(struct setup *setup)
{
    web_free(setup->web);
    plan_free(setup->plan);
    own_settings_clear(&setup->own);
    config_clear(&setup->config);
    if (setup->lock_fd >= 0)
        close(setup->lock_fd);
    free(setup->folder);
    free(setup->config_path);
    free(setup->own_path);
}

static enum status confirm(struct setup *setup, const char *question, bool standard)
{
    if (setup->options->yes || ask_yes(question, standard, &setup->err))
        return STATUS_DONE;
    struct error why = setup->err;
    return setup_fail(setup, STATUS_USAGE, "%s (--yes answers all questions)", why.text);
}

enum status setup_confirm(struct setup *setup, const char *question)
{
    return confirm(setup, question, true);
}

enum status setup_confirm_harm(struct setup *setup, const char *question)
{
    return confirm(setup, question, false);
}
