#include "chat/token.h"

#include "base/duration.h"
#include "base/memory.h"
#include "chat/jwt.h"
#include "chat/secret_file.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>

/* Somebody who waits for a token. */
struct asker {
    struct asker *next;
    token_ready *ready;
    void *context;
};

struct token_keeper {
    const struct clock *clock;
    char *file;
    char *credentials_directory;
    struct event answer; /* pending while somebody waits */
    struct asker *askers, **last_asker;
    char *secret; /* NULL: none is kept; then `token` means nothing */
    struct token token;
    struct file_version version; /* of the file that it was read from */
    msec_t looked_at;            /* at the file's version */
    uint64_t serials;            /* given out so far */
};

static void forget(struct token_keeper *keeper)
{
    secret_wipe(keeper->secret);
    keeper->secret = NULL;
}

static void keep(struct token_keeper *keeper, char *secret)
{
    keeper->secret = secret;
    keeper->token =
        (struct token){ .text = secret, .serial = ++keeper->serials, .expires_at = MSEC_NEVER };
    jwt_expiry(secret, &keeper->token.expires_at);
}

/*
 * Have in hand what the file says in this millisecond; false, keeping nothing,
 * when it says nothing usable.
 */
static bool read_file(struct token_keeper *keeper, struct error *err)
{
    struct file_version version;
    msec_t now_at = clock_now(keeper->clock).at;
    if (keeper->secret && keeper->looked_at == now_at)
        return true;
    keeper->looked_at = now_at;
    CLEANUP(free_memory)
    char *path = secret_file_path(keeper->file, keeper->credentials_directory, err);
    bool there = path && file_version_of(path, &version, err);
    if (there && keeper->secret && file_version_equal(&version, &keeper->version))
        return true;

    forget(keeper);
    char *secret = there ? secret_file_read(path, &keeper->version, err) : NULL;
    if (secret)
        keep(keeper, secret);
    return secret != NULL;
}

static bool is_alive(const struct token_keeper *keeper, struct error *err)
{
    msec_t age_ms = clock_now(keeper->clock).at - keeper->token.expires_at;
    if (age_ms < 0)
        return true;
    char ago[DURATION_LONGEST_TEXT];
    duration_say(age_ms, ago);
    return error_set(err, "the token in %s expired %s ago", keeper->file, ago);
}

static const struct token *current(struct token_keeper *keeper, struct error *err)
{
    return read_file(keeper, err) && is_alive(keeper, err) ? &keeper->token : NULL;
}

static void answer_askers(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct token_keeper *keeper = context;
    struct asker *asker = keeper->askers;
    keeper->askers = NULL;
    keeper->last_asker = &keeper->askers;

    while (asker) {
        struct error err = { 0 };
        const struct token *token = current(keeper, &err);
        struct asker *next = asker->next;
        asker->ready(asker->context, token, &err);
        free(asker);
        asker = next;
    }
}

struct token_keeper *token_keeper_new(struct event_base *loop, const struct clock *clock,
                                      const struct token_source *source)
{
    struct token_keeper *keeper = xcalloc(1, sizeof *keeper);
    keeper->clock = clock;
    keeper->file = xstrdup(source->file);
    keeper->credentials_directory = xstrdup_or_null(source->credentials_directory);
    keeper->last_asker = &keeper->askers;
    event_assign(&keeper->answer, loop, -1, 0, answer_askers, keeper);
    return keeper;
}

void token_keeper_free(struct token_keeper *keeper)
{
    if (!keeper)
        return;
    event_del(&keeper->answer);
    while (keeper->askers) {
        struct asker *asker = keeper->askers;
        keeper->askers = asker->next;
        free(asker);
    }
    forget(keeper);
    free(keeper->file);
    free(keeper->credentials_directory);
    free(keeper);
}

const struct token *token_at_hand(struct token_keeper *keeper)
{
    return current(keeper, NULL);
}

void token_get(struct token_keeper *keeper, token_ready *ready, void *context)
{
    struct asker *asker = xcalloc(1, sizeof *asker);
    *asker = (struct asker){ .ready = ready, .context = context };
    *keeper->last_asker = asker;
    keeper->last_asker = &asker->next;
    struct timeval at_once = { 0, 0 };
    event_add(&keeper->answer, &at_once);
}

void token_discard(struct token_keeper *keeper, uint64_t serial)
{
    if (keeper->secret && keeper->token.serial == serial)
        forget(keeper);
}
