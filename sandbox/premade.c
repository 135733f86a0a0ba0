#include "sandbox/premade.h"

#include "base/memory.h"
#include "base/new_file.h"

#include <string.h>

static void make_identities(const struct options *options)
{
    struct store *store = &options->service->store;
    for (size_t i = 0; i < options->identity_count; i++)
        if (!store_identity(store, options->identities[i]))
            store_add_identity(store, options->identities[i]);
}

static void make_thread(struct service *service, const char *id)
{
    const struct store *store = &service->store;
    if (store_thread(store, id))
        return;
    struct thread *thread = service_add_thread(service, id, "sandbox", store->identities[0]);
    for (size_t i = 1; i < store->identity_count; i++)
        thread_join(thread, store->identities[i]);
    service_say_creation(service, thread);
}

static bool make_token(const struct options *options, const char *identity, const char *file,
                       struct error *err)
{
    const struct service *service = options->service;
    msec_t expires_at = 0;
    CLEANUP(free_memory)
    char *token = service_token(service, store_identity(&service->store, identity), "chat",
                                options->token_lifetime_ms, &expires_at);
    CLEANUP(free_memory) char *line = xasprintf("%s\n", token);
    const struct new_file secret = { file, line, strlen(line), 0600, NULL };
    return new_file_write(&secret, err);
}

bool premade_make(const struct options *options, struct error *err)
{
    make_identities(options);
    if (options->thread_count > 0 && options->identity_count == 0)
        return error_set(err, "--thread needs an --identity to be in it");
    for (size_t i = 0; i < options->thread_count; i++)
        make_thread(options->service, options->threads[i]);
    for (size_t i = 0; i < options->token_count; i++)
        if (!make_token(options, options->identities[options->tokens[i].identity],
                        options->tokens[i].file, err))
            return false;
    return true;
}
