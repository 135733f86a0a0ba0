/*
 * chatrelay backup - a copy of the outbox in a file of one's own
 *
 * The relay may write nowhere but in its folder: so the file is opened here, and
 * the relay gets the descriptor.
 */
#include "base/file.h"
#include "client/line.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct backup_options {
    struct common_options common;
};

static enum exit_code ask(const struct backup_options *options, const char *path, int fd)
{
    CLEANUP(text_clear) struct text line = { 0 };
    CLEANUP(answer_clear) struct answer answer = { 0 };
    CLEANUP(relay_close) struct relay relay = relay_named_by(&options->common);
    struct error err;
    bool repeated;

    relay.passes_fd = fd;
    line_begin(&line, REQUEST_BACKUP);
    line_end(&line);
    enum relay_result result = relay_ask(&relay, &line, MSEC_NEVER, &answer, &repeated, &err);
    if (result != RELAY_ANSWERED) {
        say("%s; no backup was made", err.text);
        return relay_exit_code(result);
    }
    if (!answer.ok)
        return say_refusal(&answer, options->common.json);
    /* The copy is there: its bytes were synced by the relay, its name is by us. */
    if (!file_sync_folder_of(path)) {
        say("%s: %s", path, strerrordesc_np(errno));
        return EXIT_CODE_TRY_LATER;
    }
    if (options->common.json)
        say_json(answer.root);
    return EXIT_CODE_DONE;
}

static enum exit_code backup_run(const void *given, const struct strings *arguments)
{
    if (arguments->count != 1)
        return say_usage("backup", "into which file?");
    const char *path = arguments->items[0];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        say("%s: %s", path, strerrordesc_np(errno));
        return EXIT_CODE_BAD_DATA;
    }
    enum exit_code code = ask(given, path, fd);
    close(fd);
    if (code != EXIT_CODE_DONE)
        unlink(path);
    return code;
}

static const struct backup_options defaults = {
    .common = { .timeout_ms = VERB_DEFAULT_TIMEOUT_MS },
};

const struct verb verb_backup = {
    .name = "backup",
    .arguments = "FILE",
    .summary = "Copy the outbox into a new file, while the relay goes on (operators)",
    .example = "chatrelay backup /var/backups/outbox.db",
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .run = backup_run,
};
