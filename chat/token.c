#include "chat/token.h"

#include "base/duration.h"
#include "base/memory.h"
#include "base/secret_file.h"
#include "chat/fetcher.h"
#include "chat/identity.h"
#include "chat/jwt.h"
#include "chat/renewal.h"
#include "chat/token_file.h"

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
    char *name;
    const struct clock *clock;
    void (*random)(void *context, void *bytes, size_t count);
    void *random_context;
    token_news *news; /* or NULL */
    void *news_context;
    struct token_file *file; /* of these one is NULL */
    struct fetcher *fetcher;
    bool fetching, retired;
    struct event answer; /* pending while somebody waits for a file, or in vain */
    struct event renew;  /* pending while a renewal is to come */
    struct asker *askers, **last_asker;
    char *secret; /* NULL: none is kept; then `token` means nothing */
    struct token token;
    uint64_t serials; /* given out so far */
    struct renewal renewal;
    uint32_t dice; /* of the renewal's present state */
    struct error failure;
};

static msec_t now_of(const struct token_keeper *keeper)
{
    return clock_now(keeper->clock).at;
}

static void roll(struct token_keeper *keeper)
{
    keeper->random(keeper->random_context, &keeper->dice, sizeof keeper->dice);
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

/* Of one that is retired: what it would get now may be for another server. */
static const char too_late[] = "the settings have changed meanwhile";

/* Have in hand what the file says now; false, keeping nothing, when it says nothing usable. */
static bool read_file(struct token_keeper *keeper, struct error *err)
{
    char *secret = NULL;
    msec_t expires_at = MSEC_NEVER;
    if (keeper->retired)
        return keeper->secret || error_set(err, "%s", too_late);
    switch (token_file_look(keeper->file, keeper->secret, now_of(keeper), &secret, err)) {
    case TOKEN_FILE_SAME:
        return true;
    case TOKEN_FILE_NONE:
        forget(keeper);
        return false;
    case TOKEN_FILE_OTHER:
        break;
    }
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
    return error_set(err, "the token in %s expired %s ago", token_file_name(keeper->file), ago);
}

/*
 * Of a file, of which every question is answered by what it says now. A token may have
 * expired by a wrong clock of ours alone: the chat shall say so, once.
 */
static const struct token *read_now(struct token_keeper *keeper)
{
    struct error err = { 0 };
    if (read_file(keeper, &err) &&
        (is_alive(keeper, &err) || !token_file_is_refused(keeper->file))) {
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
    if (keeper->news)
        keeper->news(keeper->news_context, keeper->name, &status);
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

static void note_failure(struct token_keeper *keeper, const struct error *err)
{
    bool is_news = keeper->renewal.failures == 0 || !identity_is_same_reason(&keeper->failure, err);
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

static void on_fetched(void *context, struct fresh_token *token, const struct error *err)
{
    struct error reason = *err;
    conclude(context, token, &reason);
}

static void fetch(struct token_keeper *keeper)
{
    if (keeper->fetching)
        return;
    keeper->fetching = true;
    event_del(&keeper->renew);
    fetcher_start(keeper->fetcher, on_fetched, keeper);
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
    bool fetches = keeper->fetcher && (keeper->fetching || !keeper->retired);
    if (!fetches && keeper->retired)
        error_set(&keeper->failure, "%s", too_late);
    if (fetches)
        fetch(keeper);
    else
        event_add(&keeper->answer, &at_once);
}

void token_discard(struct token_keeper *keeper, uint64_t serial)
{
    if (!keeper->secret || keeper->token.serial != serial)
        return;
    forget(keeper);
    renewal_discarded(&keeper->renewal);
    if (keeper->file)
        token_file_refuse(keeper->file);
    else if (!keeper->fetching)
        schedule(keeper);
}

/* ---- the keeper itself ---------------------------------------------------------------------- */

struct token_keeper *token_keeper_new(const struct token_setup *setup)
{
    const struct token_source *source = &setup->source;
    struct token_keeper *keeper = xcalloc(1, sizeof *keeper);
    keeper->name = xstrdup(setup->sender);
    keeper->clock = setup->clock;
    keeper->random = setup->random;
    keeper->random_context = setup->random_context;
    keeper->news = setup->news;
    keeper->news_context = setup->news_context;
    if (source->file)
        keeper->file = token_file_new(source->file, source->credentials_directory);
    else
        keeper->fetcher = fetcher_new(setup);
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
    fetcher_free(keeper->fetcher);
    token_file_free(keeper->file);
    free(keeper->name);
    free(keeper);
}

bool token_keeper_is_busy(const struct token_keeper *keeper)
{
    return keeper->fetcher && fetcher_is_busy(keeper->fetcher);
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
        .refused = !has_token && keeper->file && token_file_is_refused(keeper->file),
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
