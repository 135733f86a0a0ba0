#include "chat/fetcher.h"

#include "base/memory.h"
#include "base/secret_file.h"
#include "chat/minter.h"
#include "chat/program.h"

#include <stdlib.h>

struct fetcher {
    struct event_base *loop;
    struct minter *minter;   /* NULL: a program prints them */
    char *command;           /* or NULL */
    msec_t timeout_ms;       /* for it to end */
    struct program *program; /* while it runs */
    fetcher_done *done;
    void *context;
};

static struct minter *new_minter(const struct token_setup *setup)
{
    const struct minter_setup minter = {
        .loop = setup->loop,
        .http = setup->http,
        .clock = setup->clock,
        .key_file = setup->source.key_file,
        .credentials_directory = setup->source.credentials_directory,
        .endpoint = setup->source.endpoint,
        .identity = setup->source.identity,
        .managed_identity = setup->source.managed_identity,
        .metadata_endpoint = setup->source.metadata_endpoint,
        .ca_file = setup->ca_file,
        .proxy = setup->proxy,
        .lifetime_ms = setup->source.lifetime_ms,
        .connect_timeout_ms = setup->connect_timeout_ms,
        .request_timeout_ms = setup->request_timeout_ms,
    };
    return minter_new(&minter);
}

struct fetcher *fetcher_new(const struct token_setup *setup)
{
    struct fetcher *fetcher = xcalloc(1, sizeof *fetcher);
    fetcher->loop = setup->loop;
    fetcher->command = xstrdup_or_null(setup->source.command);
    fetcher->timeout_ms = setup->request_timeout_ms;
    if (!fetcher->command)
        fetcher->minter = new_minter(setup);
    return fetcher;
}

void fetcher_free(struct fetcher *fetcher)
{
    if (!fetcher)
        return;
    program_free(fetcher->program);
    minter_free(fetcher->minter);
    free(fetcher->command);
    free(fetcher);
}

static void on_printed(void *context, const char *output, size_t length, const struct error *err)
{
    struct fetcher *fetcher = context;
    struct fresh_token token = { 0 };
    struct error reason = *err;
    fetcher->program = NULL;
    bool good = output && token_output_parse(output, length, &token, &reason);
    if (output && !good)
        error_prefix(&reason, "what the program printed cannot be used");
    fetcher->done(fetcher->context, good ? &token : NULL, &reason);
    secret_wipe(token.text);
}

void fetcher_start(struct fetcher *fetcher, fetcher_done *done, void *context)
{
    if (fetcher->minter) {
        minter_start(fetcher->minter, done, context);
        return;
    }
    fetcher->done = done;
    fetcher->context = context;
    fetcher->program = program_start(fetcher->loop, fetcher->command, NULL, fetcher->timeout_ms,
                                     TOKEN_LONGEST + 1024, on_printed, fetcher);
}

bool fetcher_is_busy(const struct fetcher *fetcher)
{
    return fetcher->minter && minter_is_busy(fetcher->minter);
}
