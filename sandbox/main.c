#include "base/attributes.h"
#include "base/file.h"
#include "base/memory.h"
#include "sandbox/base64.h"
#include "sandbox/demo.h"
#include "sandbox/options.h"
#include "sandbox/premade.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

/* Every connection that a test leaves open takes a descriptor. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void announce(const struct options *options, const char *endpoint)
{
    const struct access_key *key = &options->service->key;
    CLEANUP(free_memory) char *encoded_key = base64_encode(key->bytes, key->length);
    printf("endpoint %s\n", endpoint);
    printf("connection string endpoint=%s/;accesskey=%s\n", endpoint, encoded_key);
    fflush(stdout);
}

static bool is_loopback(const char *host)
{
    struct in_addr address;
    struct in6_addr address6;
    if (inet_pton(AF_INET, host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
    return inet_pton(AF_INET6, host, &address6) == 1 ? IN6_IS_ADDR_LOOPBACK(&address6)
                                                     : strcmp(host, "localhost") == 0;
}

static void warn_if_others_reach_us(const char *address)
{
    if (!is_loopback(address))
        fprintf(stderr,
                "chatrelay-sandbox: warning: whoever reaches %s can have tokens without a key, and "
                "read and change all that is here\n",
                address);
}

static void on_signal(evutil_socket_t number, short events, void *context)
{
    (void)number;
    (void)events;
    event_base_loopbreak(context);
}

/* With a relay beside us, until it or we are ended. */
static bool run_demo(const struct options *options, const char *endpoint, struct event_base *base,
                     struct error *err)
{
    struct demo *demo = demo_start(base, options->service, endpoint, err);
    if (!demo)
        return false;
    demo_print(demo, stdout);
    event_base_dispatch(base);
    bool good = !demo_has_failed(demo) || error_set(err, "the relay ended");
    demo_stop(demo);
    return good;
}

static bool run(const struct options *options, const struct server *server, struct event_base *base,
                struct error *err)
{
    bool ipv6 = strchr(options->address, ':') != NULL;
    CLEANUP(free_memory)
    char *endpoint = xasprintf("http://%s%s%s:%d", ipv6 ? "[" : "", options->address,
                               ipv6 ? "]" : "", server_port(server));
    announce(options, endpoint);
    warn_if_others_reach_us(options->address);
    if (options->demo)
        return run_demo(options, endpoint, base, err);
    event_base_dispatch(base);
    return true;
}

static bool serve(const struct options *options, struct event_base *base, struct error *err)
{
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
    bool good = server && premade_make(options, err) && run(options, server, base, err);
    server_free(server);
    return good;
}

/* Timers that are exact: by default they may be milliseconds early, an age on scaled time. */
static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

/* Serve until a signal ends it, which may come as soon as the first line was printed. */
static bool serve_until_signalled(const struct options *options, struct error *err)
{
    struct event_base *base = make_base();
    struct event *interrupted = evsignal_new(base, SIGINT, on_signal, base);
    struct event *terminated = evsignal_new(base, SIGTERM, on_signal, base);
    event_add(interrupted, NULL);
    event_add(terminated, NULL);
    bool good = serve(options, base, err);
    event_free(interrupted);
    event_free(terminated);
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
    return serve_until_signalled(options, &err) ? EXIT_SUCCESS : complain(EX_UNAVAILABLE, &err);
}

int main(int argc, char **argv)
{
    struct service service;
    struct options options;
    struct error err;

    file_open_standard();
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    service_init(&service);
    options_init(&options, &service);
    int status =
        options_parse(&options, argc, argv, &err) ? start(&options) : complain(EX_USAGE, &err);
    service_clear(&service);
    return status;
}
