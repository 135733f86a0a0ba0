#include "chat/token.h"

#include "base/duration.h"
#include "base/memory.h"
#include "base/secret_file.h"
#include "chat/identity.h"
#include "chat/jwt.h"
#include "chat/minter.h"
#include "chat/program.h"
#include "chat/renewal.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>

/* A clock that was set forward is noticed so late. */
enum { LONGEST_SLEEP_MS = 60 * 60 * 1000 };

/* Somebody who waits for a token. */
struct asker {
    struct asker *next;
    token_ready *ready;
    void *context;
};

struct token_keeper {
    struct token_setup use; /* its strings are those below */
    char *name, *file, *command, *credentials_directory;
    struct minter *minter;   /* NULL for a file or a command */
    struct program *program; /* while the command runs */
    bool fetching, retired;
    struct event answer; /* pending while somebody waits for a file */
    struct event renew;  /* pending while a renewal is to come */
    struct asker *askers, **last_asker;
    char *secret; /* NULL: none is kept; then `token` means nothing */
    struct token token;
    struct file_version version; /* of the file that it was read from */
    struct file_version refused; /* the one whose token the chat refused; zeroed: none */
    msec_t looked_at;            /* at the file's version */
    uint64_t serials;            /* given out so far */
    struct renewal renewal;
    uint32_t dice; /* of the renewal's present state */
    struct error failure;
};

static msec_t now_of(const struct token_keeper *keeper)
{
    return clock_now(keeper->use.clock).at;
}

static void roll(struct token_keeper *keeper)
{
    keeper->use.random(keeper->use.random_context, &keeper->dice, sizeof keeper->dice);
}

/* ---- what is kept --------------------------------------------------------------------------- */

static void forget(struct token_keeper *keeper)
{
    secret_wipe(keeper->secret);
    keeper->secret = NULL;
}

static void keep(struct token_keeper *keeper, char *secret, msec_t expires_at)
{
    forget(keeper);
    keeper->secret = secret;
    keeper->token =
        (struct token){ .text = secret, .serial = ++keeper->serials, .expires_at = expires_at };
    renewal_obtained(&keeper->renewal, expires_at, now_of(keeper));
    keeper->failure = (struct error){ 0 };
    roll(keeper);
}

/*
 * Have in hand what the file says in this millisecond; false, keeping nothing,
 * when it says nothing usable.
 */
static bool read_file(struct token_keeper *keeper, struct error *err)
{
    struct file_version version;
    msec_t now_at = now_of(keeper);
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
    msec_t expires_at = MSEC_NEVER;
    if (!secret)
        return error_prefix(err, "%s", keeper->file);
    jwt_expiry(secret, &expires_at);
    keep(keeper, secret, expires_at);
    return true;
}

static bool is_alive(const struct token_keeper *keeper, struct error *err)
{
    msec_t age_ms = now_of(keeper) - keeper->token.expires_at;
    if (age_ms < 0)
        return true;
    char ago[DURATION_LONGEST_TEXT];
    duration_say(age_ms, ago);
    return error_set(err, "the token in %s expired %s ago", keeper->file, ago);
}

/* It may have expired by a wrong clock of ours alone: the chat shall say so, once. */
static bool is_worth_a_try(const struct token_keeper *keeper)
{
    return !file_version_equal(&keeper->version, &keeper->refused);
}

/* Of a file, of which every question is answered by what it says now. */
static const struct token *read_now(struct token_keeper *keeper)
{
    struct error err = { 0 };
    if (read_file(keeper, &err) && (is_alive(keeper, &err) || is_worth_a_try(keeper))) {
        keeper->renewal.failures = 0;
        return &keeper->token;
    }
    keeper->failure = err;
    return NULL;
}

const struct token *token_at_hand(struct token_keeper *keeper)
{
    if (keeper->file)
        return read_now(keeper);
    bool alive = keeper->secret && renewal_is_alive(&keeper->renewal, now_of(keeper));
    return alive ? &keeper->token : NULL;
}

/* ---- those who wait ------------------------------------------------------------------------- */

/* Of a file, this is the one failure; one to fetch was counted when it ended. */
static void answer_all(struct token_keeper *keeper)
{
    struct asker *asker = keeper->askers;
    bool is_counted = !keeper->file;
    keeper->askers = NULL;
    keeper->last_asker = &keeper->askers;

    while (asker) {
        const struct token *token = token_at_hand(keeper);
        if (!token && !is_counted) {
            renewal_failed(&keeper->renewal, now_of(keeper));
            is_counted = true;
        }
        struct asker *next = asker->next;
        asker->ready(asker->context, token, &keeper->failure);
        free(asker);
        asker = next;
    }
}

static void on_answer(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    answer_all(context);
}

/* ---- fetching ------------------------------------------------------------------------------- */

static void tell_news(const struct token_keeper *keeper)
{
    struct token_status status = token_status(keeper);
    if (keeper->use.news)
        keeper->use.news(keeper->use.news_context, keeper->name, &status);
}

static void schedule(struct token_keeper *keeper)
{
    msec_t now_at = now_of(keeper);
    msec_t due_at = renewal_due_at(&keeper->renewal, now_at, keeper->dice);
    if (keeper->retired || due_at == MSEC_NEVER)
        return;
    msec_t wait_ms = msec_min(msec_max(due_at - now_at, 0), LONGEST_SLEEP_MS);
    struct timeval wait = { wait_ms / 1000, wait_ms % 1000 * 1000 };
    event_add(&keeper->renew, &wait);
}

/* A token that would not outlive its renewal, or one we have already, is none. */
static bool check_fresh(const struct token_keeper *keeper, const struct fresh_token *token,
                        struct error *err)
{
    if (token->expires_at <= now_of(keeper))
        return error_set(err, "the new token has expired already; is this machine's clock right?");
    if (keeper->secret && strcmp(keeper->secret, token->text) == 0)
        return error_set(err, "instead of a new token there came the same again");
    return true;
}

/* But for the correlation vector at its end, which is another one each time. */
static size_t reason_length(const struct error *err)
{
    const char *vector = strstr(err->text, identity_vector_mark);
    return vector ? (size_t)(vector - err->text) : strlen(err->text);
}

static bool is_same_reason(const struct error *one, const struct error *other)
{
    size_t length = reason_length(one);
    return length == reason_length(other) && memcmp(one->text, other->text, length) == 0;
}

static void note_failure(struct token_keeper *keeper, const struct error *err)
{
    bool is_news = keeper->renewal.failures == 0 || !is_same_reason(&keeper->failure, err);
    renewal_failed(&keeper->renewal, now_of(keeper));
    keeper->failure = *err;
    roll(keeper);
    if (is_news)
        tell_news(keeper);
}

/* Takes the token's text over. `token` is NULL when none came, for the reason in `err`. */
static void conclude(struct token_keeper *keeper, struct fresh_token *token, struct error *err)
{
    keeper->fetching = false;
    if (token && check_fresh(keeper, token, err)) {
        bool is_news = keeper->renewal.failures > 0;
        keep(keeper, token->text, token->expires_at);
        token->text = NULL;
        if (is_news)
            tell_news(keeper);
    } else {
        note_failure(keeper, err);
    }
    schedule(keeper);
    answer_all(keeper);
}

static void on_minted(void *context, struct fresh_token *token, const struct error *err)
{
    struct error reason = *err;
    conclude(context, token, &reason);
}

static void on_printed(void *context, const char *output, size_t length, const struct error *err)
{
    struct token_keeper *keeper = context;
    struct fresh_token token = { 0 };
    struct error reason = *err;
    keeper->program = NULL;
    bool good = output && token_output_parse(output, length, &token, &reason);
    if (output && !good)
        error_prefix(&reason, "what the program printed cannot be used");
    conclude(keeper, good ? &token : NULL, &reason);
    secret_wipe(token.text);
}

static void fetch(struct token_keeper *keeper)
{
    if (keeper->fetching)
        return;
    keeper->fetching = true;
    event_del(&keeper->renew);
    if (keeper->minter)
        minter_start(keeper->minter, on_minted, keeper);
    else
        keeper->program =
            program_start(keeper->use.loop, keeper->command, NULL, keeper->use.request_timeout_ms,
                          TOKEN_LONGEST + 1024, on_printed, keeper);
}

static void on_renew(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct token_keeper *keeper = context;
    msec_t now_at = now_of(keeper);
    if (renewal_due_at(&keeper->renewal, now_at, keeper->dice) <= now_at)
        fetch(keeper);
    else
        schedule(keeper);
}

void token_get(struct token_keeper *keeper, token_ready *ready, void *context)
{
    struct asker *asker = xcalloc(1, sizeof *asker);
    *asker = (struct asker){ .ready = ready, .context = context };
    *keeper->last_asker = asker;
    keeper->last_asker = &asker->next;
    struct timeval at_once = { 0, 0 };
    if (keeper->file)
        event_add(&keeper->answer, &at_once);
    else
        fetch(keeper);
}

void token_discard(struct token_keeper *keeper, uint64_t serial)
{
    if (!keeper->secret || keeper->token.serial != serial)
        return;
    forget(keeper);
    keeper->refused = keeper->version;
    renewal_discarded(&keeper->renewal);
    if (!keeper->file && !keeper->fetching)
        schedule(keeper);
}

/* ---- the keeper itself ---------------------------------------------------------------------- */

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

struct token_keeper *token_keeper_new(const struct token_setup *setup)
{
    const struct token_source *source = &setup->source;
    struct token_keeper *keeper = xcalloc(1, sizeof *keeper);
    keeper->use = *setup;
    keeper->name = xstrdup(setup->sender);
    keeper->file = xstrdup_or_null(source->file);
    keeper->command = xstrdup_or_null(source->command);
    keeper->credentials_directory = xstrdup_or_null(source->credentials_directory);
    bool mints = source->key_file || source->managed_identity;
    keeper->minter = mints ? new_minter(setup) : NULL;
    keeper->renewal.policy = source->retry;
    keeper->last_asker = &keeper->askers;
    event_assign(&keeper->answer, setup->loop, -1, 0, on_answer, keeper);
    event_assign(&keeper->renew, setup->loop, -1, 0, on_renew, keeper);
    return keeper;
}

void token_keeper_free(struct token_keeper *keeper)
{
    if (!keeper)
        return;
    event_del(&keeper->answer);
    event_del(&keeper->renew);
    while (keeper->askers) {
        struct asker *asker = keeper->askers;
        keeper->askers = asker->next;
        free(asker);
    }
    forget(keeper);
    program_free(keeper->program);
    minter_free(keeper->minter);
    free(keeper->name);
    free(keeper->file);
    free(keeper->command);
    free(keeper->credentials_directory);
    free(keeper);
}

bool token_keeper_is_busy(const struct token_keeper *keeper)
{
    return keeper->minter && minter_is_busy(keeper->minter);
}

void token_keeper_retire(struct token_keeper *keeper)
{
    keeper->retired = true;
    event_del(&keeper->renew);
}

struct token_status token_status(const struct token_keeper *keeper)
{
    const struct renewal *renewal = &keeper->renewal;
    msec_t now_at = now_of(keeper);
    bool has_token = keeper->secret && renewal_is_alive(renewal, now_at);
    struct token_status status = {
        .has_token = has_token,
        .obtained_at = has_token ? renewal->obtained_at : 0,
        .expires_at = has_token ? keeper->token.expires_at : MSEC_NEVER,
        .failures = renewal->failures,
        .next_at = MSEC_NEVER,
    };
    if (renewal->failures > 0) {
        status.failed_at = renewal->failed_at;
        status.failure = keeper->failure;
    }
    if (!keeper->file && !keeper->retired)
        status.next_at = renewal_due_at(renewal, now_at, keeper->dice);
    return status;
}
