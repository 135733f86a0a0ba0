#include "sandbox/options.h"

#include "base/duration.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "sandbox/base64.h"

#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *name;
    const char *argument; /* NULL: takes none */
    const char *help;
    bool (*apply)(struct options *options, const char *value, struct error *err);
    size_t flag; /* without an argument: where in the options it is noted */
};

/* A whole number; false when the text is anything else. */
static bool read_number(const char *text, long least, long most, long *number)
{
    char *rest = NULL;
    *number = strtol(text, &rest, 10);
    return rest != text && *rest == '\0' && *number >= least && *number <= most;
}

static bool apply_listen(struct options *options, const char *value, struct error *err)
{
    const char *colon = strrchr(value, ':');
    long port = 0;
    if (!colon || colon == value || !read_number(colon + 1, 0, UINT16_MAX, &port) ||
        (size_t)(colon - value) >= sizeof options->address)
        return error_set(err, "\"%s\" is not ADDRESS:PORT, such as 127.0.0.1:0", value);
    /* An IPv6 address stands in brackets. */
    bool brackets = value[0] == '[' && colon[-1] == ']';
    int length = (int)(colon - value) - 2 * brackets;
    snprintf(options->address, sizeof options->address, "%.*s", length, value + brackets);
    options->port = (uint16_t)port;
    return true;
}

static bool apply_access_key(struct options *options, const char *value, struct error *err)
{
    struct access_key *key = &options->service->key;
    char *bytes = NULL;
    size_t length = 0;
    bool good = base64_decode(value, strlen(value), &bytes, &length) && length > 0 &&
                length <= sizeof key->bytes;
    if (good) {
        memcpy(key->bytes, bytes, length);
        key->length = length;
    }
    free(bytes);
    return good ||
           error_set(err, "the access key is not base64 of 1 to %zu bytes", sizeof key->bytes);
}

static bool apply_entra_token(struct options *options, const char *value, struct error *err)
{
    options->service->entra_token = value;
    return *value || error_set(err, "this token is empty");
}

static bool add(const char **things, size_t *count, const char *value, struct error *err)
{
    if (*count == OPTIONS_MOST_THINGS)
        return error_set(err, "more than %d of them", OPTIONS_MOST_THINGS);
    things[(*count)++] = value;
    return true;
}

static bool apply_identity(struct options *options, const char *value, struct error *err)
{
    if (!identity_id_is_well_formed(value))
        return error_set(err, "\"%s\" is not an identity such as 8:acs:sandbox_alice", value);
    return add(options->identities, &options->identity_count, value, err);
}

static bool apply_thread(struct options *options, const char *value, struct error *err)
{
    if (!thread_id_is_well_formed(value))
        return error_set(err, "\"%s\" is not a thread id such as 19:ops@thread.v2", value);
    return add(options->threads, &options->thread_count, value, err);
}

static bool apply_token_file(struct options *options, const char *value, struct error *err)
{
    if (options->identity_count == 0)
        return error_set(err, "--token-file comes after the --identity that it is for");
    if (options->token_count == OPTIONS_MOST_THINGS)
        return error_set(err, "more than %d of them", OPTIONS_MOST_THINGS);
    options->tokens[options->token_count].file = value;
    options->tokens[options->token_count].identity = options->identity_count - 1;
    options->token_count++;
    return true;
}

static bool apply_token_lifetime(struct options *options, const char *value, struct error *err)
{
    return duration_parse(value, &options->token_lifetime_ms, err);
}

static bool apply_limits(struct options *options, const char *value, struct error *err)
{
    return limit_parse(value, &options->service->send_limit, err);
}

static bool apply_list_limits(struct options *options, const char *value, struct error *err)
{
    return limit_parse(value, &options->service->list_limit, err);
}

static bool apply_thread_list_limits(struct options *options, const char *value, struct error *err)
{
    return limit_parse(value, &options->service->thread_list_limit, err);
}

static bool apply_get_limits(struct options *options, const char *value, struct error *err)
{
    return limit_parse(value, &options->service->get_limit, err);
}

static bool apply_windows(struct options *options, const char *value, struct error *err)
{
    bool fixed = strcmp(value, "fixed") == 0;
    enum limit_kind kind = fixed ? LIMIT_FIXED : LIMIT_SLIDING;
    options->service->send_limit.kind = kind;
    options->service->list_limit.kind = kind;
    options->service->thread_list_limit.kind = kind;
    options->service->get_limit.kind = kind;
    return fixed || strcmp(value, "sliding") == 0 ||
           error_set(err, "windows are \"sliding\" or \"fixed\", not \"%s\"", value);
}

static bool apply_retry_after(struct options *options, const char *value, struct error *err)
{
    options->retry_after_given = true;
    return retry_after_form_parse(value, &options->service->retry_after_form) ||
           error_set(err, "\"%s\" is not seconds, date, retry-after-ms, x-ms-retry-after-ms, none",
                     value);
}

static bool apply_errors(struct options *options, const char *value, struct error *err)
{
    enum error_shape *shape = &options->service->error_shape;
    return (error_shape_parse(value, shape) && *shape <= ERROR_DOCUMENTED) ||
           error_set(err, "errors are \"observed\" or \"documented\", not \"%s\"", value);
}

static bool apply_content_limit(struct options *options, const char *value, struct error *err)
{
    long bytes = 0;
    if (!read_number(value, 1, 1024L * 1024, &bytes))
        return error_set(err, "\"%s\" is not a number of bytes in 1..1048576", value);
    options->service->content_limit_bytes = (size_t)bytes;
    return true;
}

/* A duration, or a bare number of milliseconds. */
static bool read_latency(const char *text, msec_t *latency_ms, struct error *err)
{
    long number = 0;
    bool bare = read_number(text, 0, INT32_MAX, &number);
    *latency_ms = number;
    return bare || duration_parse(text, latency_ms, err);
}

static bool apply_latency(struct options *options, const char *value, struct error *err)
{
    CLEANUP(free_memory) char *least = xstrdup(value);
    char *dash = strchr(least, '-');
    if (dash)
        *dash = '\0';
    if (!read_latency(least, &options->latency_least_ms, err) ||
        !read_latency(dash ? dash + 1 : least, &options->latency_most_ms, err))
        return false;
    return (options->latency_most_ms >= options->latency_least_ms &&
            options->latency_most_ms <= INT32_MAX) ||
           error_set(err, "\"%s\" is not a range such as 100-300", value);
}

static bool apply_links(struct options *options, const char *value, struct error *err)
{
    bool https = strcmp(value, "https") == 0;
    options->service->links_are_https = https;
    return https || strcmp(value, "http") == 0 ||
           error_set(err, "links are \"http\" or \"https\", not \"%s\"", value);
}

static bool apply_scale(struct options *options, const char *value, struct error *err)
{
    long scale = 0;
    if (!read_number(value, 1, SERVICE_CLOCK_LARGEST_SCALE, &scale))
        return error_set(err, "\"%s\" is not a number in 1..%d", value,
                         SERVICE_CLOCK_LARGEST_SCALE);
    options->service->clock.scale = (int)scale;
    return true;
}

static bool apply_clock_offset(struct options *options, const char *value, struct error *err)
{
    bool back = value[0] == '-';
    const char *length = value + (back || value[0] == '+');
    if (!duration_parse(length, &options->service->clock.offset_ms, err))
        return false;
    if (back)
        options->service->clock.offset_ms *= -1;
    return true;
}

static const struct row rows[] = {
    { "listen", "ADDRESS:PORT", "where; port 0 is any that is free (127.0.0.1:8480)", apply_listen,
      0 },
    { "access-key", "BASE64", "the resource's key (a random one)", apply_access_key, 0 },
    { "entra-token", "TOKEN", "what the Identity API takes in place of a signature (none)",
      apply_entra_token, 0 },
    { "identity", "ID", "an identity that exists from the start; repeatable", apply_identity, 0 },
    { "thread", "ID", "a thread with all these identities in it; repeatable", apply_thread, 0 },
    { "token-file", "FILE", "write a token of the --identity before it there", apply_token_file,
      0 },
    { "token-lifetime", "DURATION", "how long such tokens live (24h)", apply_token_lifetime, 0 },
    { "limits", "N/TIME,...", "sends, updates, deletes of a thread (10/10s,30/60s), or off",
      apply_limits, 0 },
    { "list-limits", "N/TIME,...", "message lists of a user in a thread (50/10s,200/60s), or off",
      apply_list_limits, 0 },
    { "thread-list-limits", "N/TIME,...",
      "message lists of all users in a thread (250/10s,400/60s), or off", apply_thread_list_limits,
      0 },
    { "get-limits", "N/TIME,...", "single messages read by a user in a thread (50/10s), or off",
      apply_get_limits, 0 },
    { "windows", "KIND", "sliding or fixed (sliding)", apply_windows, 0 },
    { "retry-after", "FORM",
      "on 429: seconds, date, retry-after-ms, x-ms-retry-after-ms or none\n"
      "(seconds; with --scale retry-after-ms)",
      apply_retry_after, 0 },
    { "errors", "SHAPE", "of chat errors: observed or documented (observed)", apply_errors, 0 },
    { "empty-401", NULL, "401 without a body", NULL, offsetof(struct options, empty_401) },
    { "content-limit", "BYTES", "the largest content of a message (28672)", apply_content_limit,
      0 },
    { "latency", "MS[-MS]", "how long answers take (0)", apply_latency, 0 },
    { "chunked", NULL, "answers in chunks, without Content-Length", NULL,
      offsetof(struct options, chunked) },
    { "links", "SCHEME", "of Location and nextLink: http, or https behind a TLS proxy (http)",
      apply_links, 0 },
    { "scale", "K", "the service's time runs K times faster (1)", apply_scale, 0 },
    { "clock-offset", "DURATION", "its clock is ahead by so much, or behind with a minus",
      apply_clock_offset, 0 },
    { "demo", NULL, "start a relay beside it, to try things out", NULL,
      offsetof(struct options, demo) },
    { "help", NULL, "this", NULL, offsetof(struct options, help) },
    { "version", NULL, "the version", NULL, offsetof(struct options, version) },
};

enum { ROWS = sizeof rows / sizeof rows[0] };

void options_init(struct options *options, struct service *service)
{
    *options = (struct options){
        .service = service,
        .address = "127.0.0.1",
        .port = 8480,
        .token_lifetime_ms = 24LL * 60 * 60 * 1000,
    };
}

static bool refuse_unknown(const char *given, struct error *err)
{
    const char *names[ROWS];
    size_t dashes = strspn(given, "-");
    for (size_t i = 0; i < ROWS; i++)
        names[i] = rows[i].name;
    CLEANUP(free_memory) char *name = xmemdup0(given + dashes, strcspn(given + dashes, "="));
    const char *near = nearest(name, names, ROWS);
    if (near)
        return error_set(err, "there is no option \"%s\"; did you mean --%s?", given, near);
    return error_set(err, "there is no option \"%s\"", given);
}

static bool apply(struct options *options, const struct row *row, const char *value,
                  struct error *err)
{
    if (row->apply)
        return row->apply(options, value, err);
    *(bool *)((char *)options + row->flag) = true;
    return true;
}

static void finish(struct options *options)
{
    options->service->unauthorized_is_empty = options->empty_401;
    /* Whole seconds are far too long for a service whose minute lasts a moment. */
    if (options->service->clock.scale > 1 && !options->retry_after_given)
        options->service->retry_after_form = RETRY_AFTER_MS;
}

bool options_parse(struct options *options, int argc, char **argv, struct error *err)
{
    struct option names[ROWS + 1] = { 0 };
    for (size_t i = 0; i < ROWS; i++) {
        names[i].name = rows[i].name;
        names[i].has_arg = rows[i].argument ? required_argument : no_argument;
    }
    opterr = 0;
    optind = 1;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    for (int index = 0, found = 0; (found = getopt_long(argc, argv, ":", names, &index)) != -1;) {
        if (found == ':')
            return error_set(err, "%s needs an argument", argv[optind - 1]);
        if (found != 0)
            return refuse_unknown(argv[optind - 1], err);
        if (!apply(options, &rows[index], optarg, err))
            return error_prefix(err, "--%s", rows[index].name);
    }
    if (optind < argc)
        return error_set(err, "\"%s\" is one word too many", argv[optind]);
    finish(options);
    return true;
}

void options_print_help(FILE *file)
{
    fputs(
        "Usage: chatrelay-sandbox [OPTION]...\n"
        "A local stand-in for Azure Communication Services Chat and Identity.\n\n",
        file);
    for (const struct row *row = rows; row < rows + ROWS; row++) {
        CLEANUP(free_memory)
        char *left = xasprintf("--%s%s%s", row->name, row->argument ? " " : "",
                               row->argument ? row->argument : "");
        const char *second = strchr(row->help, '\n');
        int length = (int)(second ? second - row->help : (long)strlen(row->help));
        fprintf(file, "  %-31s %.*s\n", left, length, row->help);
        if (second)
            fprintf(file, "  %-31s %s\n", "", second + 1);
    }
    fputs(
        "\nAll durations but those of --clock-offset are of the service's time.\n"
        "See chatrelay-sandbox(1) for faults on demand and examples.\n",
        file);
}
