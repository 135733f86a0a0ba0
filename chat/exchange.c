#include "chat/exchange.h"

#include "base/memory.h"
#include "base/text.h"
#include "chat/curl_answer.h"
#include "chat/curl_loop.h"
#include "chat/header_chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    KEPT_REPLY_BYTES = 64 * 1024, /* a larger buffer is given back after its request */
    LONGEST_HEADERS = 256 * 1024, /* libcurl bounds what is before a body, and not what is after */
};

struct exchange {
    const struct exchange_setup *setup;
    CURL *easy;
    CURLU *address; /* `origin`, taken apart; NULL before the first request */
    char *origin;
    size_t origin_length;
    struct header_chain headers;
    char *ca_file; /* the handle's, NULL: the system's certificates */
    char *proxy;   /* the handle's, NULL: none */
    size_t longest_reply;
    struct text body;
    bool body_cut;
    size_t header_bytes; /* of interim answers and trailers as well */
    int admissions;      /* how often libcurl was about to send the request */
    char curl_words[CURL_ERROR_SIZE];
    http_done *done; /* NULL while idle */
    void *context;
};

/* ---- its handle ------------------------------------------------------------------------------ */

/* Options of ours are refused for want of memory only, and that ends the program. */
static void insist(CURLcode result)
{
    if (result != CURLE_OK)
        abort();
}

/*
 * A new connection's socket. Closing it shall discard what the kernel has not
 * delivered yet: a request we gave up must not arrive later.
 */
static int prepare_socket(void *context, curl_socket_t fd, curlsocktype purpose)
{
    (void)purpose;
    struct linger discard = { .l_onoff = 1, .l_linger = 0 };
    if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &discard, sizeof discard) != 0)
        return CURL_SOCKOPT_ERROR;
    curl_loop_opened(context, fd);
    return CURL_SOCKOPT_OK;
}

/*
 * Called when a connection stands and the request is about to be sent. The
 * second call is libcurl repeating it, because a kept connection died without an
 * answer; what we sent on that one may have arrived.
 */
static int admit_once(void *context, char *remote_ip, /* NOLINT(readability-non-const-parameter) */
                      char *local_ip,                 /* NOLINT(readability-non-const-parameter) */
                      int remote_port, int local_port)
{
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    struct exchange *exchange = context;
    exchange->admissions++;
    return exchange->admissions == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* Taking less than was offered makes libcurl close the connection: the rest is not even read. */
static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    size_t offered = size * count, room = exchange->longest_reply - exchange->body.length;
    exchange->body_cut = offered > room;
    size_t taken = exchange->body_cut ? room : offered;
    text_append(&exchange->body, bytes, taken);
    return exchange->body_cut ? CURL_WRITEFUNC_ERROR : taken;
}

/* libcurl keeps them all, for curl_easy_header(). */
static size_t count_header(char *bytes, /* NOLINT(readability-non-const-parameter) */
                           size_t size, size_t count, void *context)
{
    (void)bytes;
    struct exchange *exchange = context;
    exchange->header_bytes += size * count;
    return exchange->header_bytes > LONGEST_HEADERS ? CURL_WRITEFUNC_ERROR : size * count;
}

static const struct {
    CURLoption option;
    long value;
} constant_options[] = {
    { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 }, /* libcurl 7.88's HTTP/2 loses requests */
    { CURLOPT_NOSIGNAL, 1 },
    { CURLOPT_QUICK_EXIT, 1 }, /* do not wait for the resolver's thread when giving up */
    { CURLOPT_FOLLOWLOCATION, 0 },
    { CURLOPT_NETRC, CURL_NETRC_IGNORED },
    { CURLOPT_HTTP09_ALLOWED, 0 },
    { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 }, /* or later */
    { CURLOPT_SSL_VERIFYPEER, 1 },
    { CURLOPT_SSL_VERIFYHOST, 2 },
    { CURLOPT_LOW_SPEED_LIMIT, 1 },
    { CURLOPT_HTTPPROXYTUNNEL, 1 }, /* no proxy sees what is in a request */
};

/* What is the same for every request. */
static void set_constants(struct exchange *exchange)
{
    CURL *easy = exchange->easy;
    for (size_t i = 0; i < sizeof constant_options / sizeof *constant_options; i++)
        insist(curl_easy_setopt(easy, constant_options[i].option, constant_options[i].value));
    insist(curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange));
    insist(curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"));
    insist(curl_easy_setopt(easy, CURLOPT_PROXY, ""));   /* not even from the environment, */
    insist(curl_easy_setopt(easy, CURLOPT_NOPROXY, "")); /* which is not to be asked each time */
    insist(curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->curl_words));
    insist(curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, prepare_socket));
    insist(curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, exchange->setup->loop));
    insist(curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, curl_loop_close));
    insist(curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, exchange->setup->loop));
    insist(curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, admit_once));
    insist(curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange));
    insist(curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body));
    insist(curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange));
    insist(curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count_header));
    insist(curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange));
}

/* ---- one request ----------------------------------------------------------------------------- */

bool exchange_had_origin(const struct exchange *exchange, const char *url, size_t length)
{
    return exchange->origin && exchange->origin_length == length &&
           memcmp(exchange->origin, url, length) == 0;
}

static bool is_same(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

/* Trust the certificates in `ca_file` alone; NULL: what the system trusts. */
static void set_trust(struct exchange *exchange, const char *ca_file)
{
    if (is_same(exchange->ca_file, ca_file))
        return;
    const struct exchange_setup *setup = exchange->setup;
    insist(curl_easy_setopt(exchange->easy, CURLOPT_CAINFO,
                            ca_file ? ca_file : setup->system_ca_file));
    insist(
        curl_easy_setopt(exchange->easy, CURLOPT_CAPATH, ca_file ? NULL : setup->system_ca_folder));
    free(exchange->ca_file);
    exchange->ca_file = xstrdup_or_null(ca_file);
}

/* libcurl reads the environment where it is told nothing, and nothing else where it is told "". */
static void set_proxy(struct exchange *exchange, const char *proxy)
{
    if (is_same(exchange->proxy, proxy))
        return;
    CURL *easy = exchange->easy;
    bool of_environment = proxy && strcmp(proxy, HTTP_PROXY_OF_ENVIRONMENT) == 0;
    insist(curl_easy_setopt(easy, CURLOPT_PROXY, of_environment ? NULL : proxy ? proxy : ""));
    insist(curl_easy_setopt(easy, CURLOPT_NOPROXY, of_environment ? NULL : ""));
    free(exchange->proxy);
    exchange->proxy = xstrdup_or_null(proxy);
}

/*
 * libcurl takes longer to take a URL apart, and to put its path together again,
 * than to send it: so it gets to know the origin alone, which seldom changes, and
 * the rest as it goes out. An origin that cannot be taken apart is handed on as
 * it is: the request will fail, and say why.
 */
static void set_origin(struct exchange *exchange, const char *url, size_t length)
{
    if (exchange_had_origin(exchange, url, length))
        return;
    char *origin = xmemdup0(url, length);
    CURLU *address = curl_url();
    if (!address)
        insist(CURLE_OUT_OF_MEMORY);
    bool good = curl_url_set(address, CURLUPART_URL, origin, 0) == CURLUE_OK;
    insist(curl_easy_setopt(exchange->easy, CURLOPT_URL, good ? NULL : origin));
    insist(curl_easy_setopt(exchange->easy, CURLOPT_CURLU, good ? address : NULL));
    curl_url_cleanup(exchange->address);
    exchange->address = address;
    free(exchange->origin);
    exchange->origin = origin;
    exchange->origin_length = length;
}

static void set_url(struct exchange *exchange, const char *url, size_t length)
{
    set_origin(exchange, url, length);
    insist(curl_easy_setopt(exchange->easy, CURLOPT_REQUEST_TARGET,
                            url[length] ? url + length : NULL));
}

static void set_method(CURL *easy, const struct http_request *request)
{
    static const char *const names[] = {
        [HTTP_GET] = NULL, [HTTP_POST] = NULL, [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE"
    };
    bool with_body = request->method == HTTP_POST || request->method == HTTP_PATCH;
    insist(curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                            (curl_off_t)(with_body ? request->body_length : 0)));
    insist(curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                            with_body && request->body ? request->body : ""));
    /* After the body, which by itself makes it a POST. */
    insist(curl_easy_setopt(easy, with_body ? CURLOPT_POST : CURLOPT_HTTPGET, 1L));
    insist(curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, names[request->method]));
}

static void set_request(struct exchange *exchange, const struct http_request *request)
{
    CURL *easy = exchange->easy;
    set_method(easy, request);
    /* As a header of ours the user agent is printed once; as an option of libcurl's, twice. */
    insist(curl_easy_setopt(
        easy, CURLOPT_HTTPHEADER,
        header_chain_make(&exchange->headers, request, exchange->setup->user_agent)));
    set_trust(exchange, request->ca_file);
    set_proxy(exchange, request->proxy);
    insist(curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms));
    insist(curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms));
    insist(curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                            (long)((request->silence_timeout_ms + 999) / 1000)));
}

/* ---- its life -------------------------------------------------------------------------------- */

struct exchange *exchange_new(const struct exchange_setup *setup)
{
    struct exchange *exchange = xcalloc(1, sizeof *exchange);
    exchange->setup = setup;
    exchange->easy = curl_easy_init();
    if (!exchange->easy)
        insist(CURLE_OUT_OF_MEMORY);
    set_constants(exchange);
    return exchange;
}

/* It may have brought a token. */
static void wipe_body(struct exchange *exchange)
{
    if (exchange->body.bytes)
        explicit_bzero(exchange->body.bytes, exchange->body.length);
}

void exchange_free(struct exchange *exchange)
{
    if (exchange->done)
        curl_loop_remove(exchange->setup->loop, exchange->easy);
    curl_easy_cleanup(exchange->easy);
    curl_url_cleanup(exchange->address);
    free(exchange->origin);
    header_chain_clear(&exchange->headers);
    wipe_body(exchange);
    free(exchange->ca_file);
    free(exchange->proxy);
    text_clear(&exchange->body);
    free(exchange);
}

void exchange_begin(struct exchange *exchange, const struct http_request *request,
                    size_t origin_length, http_done *done, void *context)
{
    exchange->done = done;
    exchange->context = context;
    exchange->longest_reply = request->longest_reply;
    exchange->admissions = 0;
    exchange->body_cut = false;
    exchange->header_bytes = 0;
    exchange->curl_words[0] = '\0';
    text_empty(&exchange->body);
    set_url(exchange, request->url, origin_length);
    set_request(exchange, request);
    curl_loop_add(exchange->setup->loop, exchange->easy);
}

struct exchange *exchange_of(CURL *easy)
{
    char *private_pointer = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private_pointer);
    return (struct exchange *)(void *)private_pointer;
}

static void wipe(struct exchange *exchange)
{
    header_chain_wipe(&exchange->headers);
    wipe_body(exchange);
    if (exchange->body.capacity > KEPT_REPLY_BYTES)
        text_clear(&exchange->body);
}

/* A body that we cut ourselves is no failure; what else we do not take is headers. */
static CURLcode result_of(struct exchange *exchange, CURLcode result)
{
    if (exchange->body_cut)
        return CURLE_OK;
    if (result == CURLE_WRITE_ERROR) {
        snprintf(exchange->curl_words, sizeof exchange->curl_words,
                 "The headers of the answer are longer than we take");
        return CURLE_WEIRD_SERVER_REPLY;
    }
    return result;
}

void exchange_end(struct exchange *exchange, CURLcode result)
{
    http_done *done = exchange->done;
    exchange->done = NULL;

    struct http_reply reply = {
        .body = exchange->body.bytes ? exchange->body.bytes : "",
        .body_length = exchange->body.length,
        .body_cut = exchange->body_cut,
    };
    curl_answer_read(exchange->easy, result_of(exchange, result), exchange->admissions > 0,
                     exchange->curl_words, &reply);
    done(exchange->context, &reply);
    wipe(exchange);
}
