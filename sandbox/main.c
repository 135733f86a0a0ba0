#include "base/attributes.h"
#include "base/memory.h"
#include "sandbox/base64.h"
#include "sandbox/options.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

/* Every connection that a test leaves open takes a descriptor. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* A secret goes into a file of the user's own: written beside it, then put in its place. */
static bool write_secret(const char *file, const char *secret, struct error *err)
{
    CLEANUP(free_memory) char *fresh = xasprintf("%s.new", file);
    unlink(fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set(err, "cannot write %s: %s", fresh, strerror(errno));
    bool written = dprintf(fd, "%s\n", secret) > 0;
    if (close(fd) == 0 && written && rename(fresh, file) == 0)
        return true;
    error_set(err, "cannot write %s: %s", file, strerror(errno));
    unlink(fresh);
    return false;
}

static void make_threads(const struct options *options)
{
    struct service *service = options->service;
    for (size_t t = 0; t < options->thread_count; t++) {
        if (store_thread(&service->store, options->threads[t]))
            continue;
        struct identity *creator = service->store.identities[0];
        struct thread *thread =
            service_add_thread(service, options->threads[t], "sandbox", creator);
        for (size_t i = 1; i < service->store.identity_count; i++)
            thread_join(thread, service->store.identities[i]);
        service_say_creation(service, thread);
    }
}

static bool make_tokens(const struct options *options, struct error *err)
{
    const struct service *service = options->service;
    for (size_t i = 0; i < options->token_count; i++) {
        msec_t expires_at = 0;
        const char *id = options->identities[options->tokens[i].identity];
        CLEANUP(free_memory)
        char *token = service_token(service, store_identity(&service->store, id), "chat",
                                    options->token_lifetime_ms, &expires_at);
        if (!write_secret(options->tokens[i].file, token, err))
            return false;
    }
    return true;
}

/* What exists from the start. */
static bool make_things(const struct options *options, struct error *err)
{
    struct store *store = &options->service->store;
    for (size_t i = 0; i < options->identity_count; i++)
        if (!store_identity(store, options->identities[i]))
            store_add_identity(store, options->identities[i]);
    if (options->thread_count > 0 && store->identity_count == 0)
        return error_set(err, "--thread needs an --identity to be in it");
    make_threads(options);
    return make_tokens(options, err);
}

static void announce(const struct options *options, const struct server *server)
{
    const struct access_key *key = &options->service->key;
    CLEANUP(free_memory) char *encoded_key = base64_encode(key->bytes, key->length);
    CLEANUP(free_memory)
    char *endpoint = xasprintf("http://%s:%d", options->address, server_port(server));
    printf("endpoint %s\n", endpoint);
    printf("connection string endpoint=%s/;accesskey=%s\n", endpoint, encoded_key);
    fflush(stdout);
}

static void on_signal(evutil_socket_t number, short events, void *context)
{
    (void)number;
    (void)events;
    event_base_loopbreak(context);
}

/* Announce the server and serve until a signal ends it, which may come as soon as that is read. */
static void run(const struct options *options, const struct server *server, struct event_base *base)
{
    struct event *interrupted = evsignal_new(base, SIGINT, on_signal, base);
    struct event *terminated = evsignal_new(base, SIGTERM, on_signal, base);
    event_add(interrupted, NULL);
    event_add(terminated, NULL);
    announce(options, server);
    event_base_dispatch(base);
    event_free(interrupted);
    event_free(terminated);
}

static bool serve(const struct options *options, struct error *err)
{
    struct event_base *base = event_base_new();
    const struct server_setup setup = {
        .base = base,
        .service = options->service,
        .address = options->address,
        .port = options->port,
        .latency_least_ms = options->latency_least_ms,
        .latency_most_ms = options->latency_most_ms,
        .chunked = options->chunked,
    };
    struct server *server = server_new(&setup, err);
    bool good = server && make_things(options, err);
    if (good)
        run(options, server, base);
    server_free(server);
    event_base_free(base);
    return good;
}

static int complain(int status, const struct error *err)
{
    fprintf(stderr, "chatrelay-sandbox: %s\n", err->text);
    if (status == EX_USAGE)
        fputs("Try chatrelay-sandbox --help.\n", stderr);
    return status;
}

static int start(const struct options *options)
{
    struct error err;
    if (options->help) {
        options_print_help(stdout);
        return EXIT_SUCCESS;
    }
    if (options->version) {
        puts("chatrelay-sandbox " CHATRELAY_VERSION);
        return EXIT_SUCCESS;
    }
    return serve(options, &err) ? EXIT_SUCCESS : complain(EX_UNAVAILABLE, &err);
}

int main(int argc, char **argv)
{
    struct service service;
    struct options options;
    struct error err;

    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    service_init(&service);
    options_init(&options, &service);
    int status =
        options_parse(&options, argc, argv, &err) ? start(&options) : complain(EX_USAGE, &err);
    service_clear(&service);
    return status;
}
