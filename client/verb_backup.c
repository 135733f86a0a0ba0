/*
 * chatrelay backup - a copy of the outbox in a file of one's own
 *
 * The relay may write nowhere but in its folder: so the file is opened here, and
 * the relay gets the descriptor. It has no name until the copy is whole, so that nothing
 * is left of one that was interrupted.
 */
#include "base/file.h"
#include "client/line.h"
#include "client/relay.h"
#include "client/say.h"
#include "client/verb.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct backup_options {
    struct common_options common;
};

static enum exit_code say_failure(const char *path, enum exit_code code)
{
    say("%s: %s", path, strerrordesc_np(errno));
    return code;
}

/* For as long as it takes. */
static enum exit_code ask(const struct backup_options *options, struct relay *relay,
                          struct answer *answer)
{
    CLEANUP(text_clear) struct text line = { 0 };
    struct error err;
    bool repeated;

    line_begin(&line, REQUEST_BACKUP);
    line_end(&line);
    enum relay_result result = relay_ask(relay, &line, MSEC_NEVER, answer, &repeated, &err);
    if (result != RELAY_ANSWERED) {
        say("%s; no backup was made", err.text);
        return relay_exit_code(result);
    }
    return answer->ok ? EXIT_CODE_DONE : say_refusal(answer, options->common.json);
}

/* The copy's bytes are synced by the relay, its name is by us. */
static enum exit_code name(const char *path, int fd, bool is_named)
{
    if (is_named ? file_sync_folder_of(path) : file_give_name(fd, path))
        return EXIT_CODE_DONE;
    return say_failure(path, errno == EEXIST ? EXIT_CODE_BAD_DATA : EXIT_CODE_TRY_LATER);
}

/* The relay is there. */
static enum exit_code copy(const struct backup_options *options, struct relay *relay,
                           const char *path)
{
    CLEANUP(answer_clear) struct answer answer = { 0 };
    bool is_named;
    int fd = file_open_nameless(path, &is_named);
    if (fd < 0)
        return say_failure(path, EXIT_CODE_BAD_DATA);
    relay->passes_fd = fd;
    enum exit_code code = ask(options, relay, &answer);
    if (code == EXIT_CODE_DONE)
        code = name(path, fd, is_named);
    close(fd);
    if (code != EXIT_CODE_DONE && is_named)
        unlink(path);
    if (code == EXIT_CODE_DONE && options->common.json)
        say_json(answer.root);
    return code;
}

static enum exit_code backup_run(const void *given, const struct strings *arguments)
{
    const struct backup_options *options = given;
    CLEANUP(relay_close) struct relay relay = relay_named_by(&options->common);
    enum exit_code code;
    if (arguments->count != 1)
        return say_usage("backup", "into which file?");
    if (!relay_greet(&relay, options->common.json, &code))
        return code;
    return copy(options, &relay, arguments->items[0]);
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
