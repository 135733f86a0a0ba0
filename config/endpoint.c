#include "config/endpoint.h"

#include "base/memory.h"
#include "base/text.h"
#include "config/value.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const struct scheme {
    const char *prefix;
    const char *own_port;
} schemes[] = { { "https://", ":443" }, { "http://", ":80" } };

enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

/* RFC 1035 section 2.3.4 and RFC 4291 section 2.2: longer than either can be. */
enum { LONGEST_HOST = 255 };

static const struct scheme *find_scheme(const char *endpoint)
{
    for (const struct scheme *scheme = schemes; scheme < schemes + SCHEMES; scheme++)
        if (strncmp(endpoint, scheme->prefix, strlen(scheme->prefix)) == 0)
            return scheme;
    return NULL;
}

/* The length of "host" or "[address]" at the start of `text`. */
static size_t host_length(const char *text)
{
    if (*text == '[')
        return strcspn(text, "]") + (strchr(text, ']') ? 1 : 0);
    return strcspn(text, ":/?#@");
}

static bool is_address6(const char *host, struct in6_addr *address)
{
    char text[LONGEST_HOST + 1];
    size_t length = strlen(host);
    if (length < 2 || length > LONGEST_HOST || host[0] != '[' || host[length - 1] != ']')
        return false;
    memcpy(text, host + 1, length - 2);
    text[length - 2] = '\0';
    return inet_pton(AF_INET6, text, address) == 1;
}

static bool is_host_name(const char *host)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    return *host && strlen(host) <= LONGEST_HOST && host[strspn(host, allowed)] == '\0' &&
           *host != '.' && *host != '-' && !strstr(host, "..");
}

static bool is_port(const char *text)
{
    int64_t port = 0;
    return value_parse_number(text, &port) && port >= 1 && port <= 65535;
}

/* In place: ASCII letters only, whatever the locale. */
static void make_lower(char *text)
{
    for (; *text; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

/* Check and shorten what stands behind the scheme. */
static bool check_authority(char *authority, const struct scheme *scheme, struct error *err)
{
    struct in6_addr address;
    size_t length = host_length(authority);
    CLEANUP(free_memory) char *host = xmemdup0(authority, length);
    if (!is_host_name(host) && !is_address6(host, &address))
        return error_set(err, "there is no valid host name in it");

    char *rest = authority + length;
    size_t rest_length = strlen(rest);
    if (rest_length > 0 && rest[rest_length - 1] == '/')
        rest[rest_length - 1] = '\0';
    if (strcmp(rest, scheme->own_port) == 0)
        *rest = '\0';
    if (*rest && (*rest != ':' || !is_port(rest + 1)))
        return error_set(err, "only a port may follow the host, as in %shost:8080", scheme->prefix);
    return true;
}

char *endpoint_normal(const char *text, struct error *err)
{
    char *endpoint = xstrdup(text);
    make_lower(endpoint);
    const struct scheme *scheme = find_scheme(endpoint);
    bool valid = true;
    if (strstr(endpoint, "accesskey="))
        valid = error_set(err,
                          "this is a connection string; of it, only what stands between "
                          "\"endpoint=\" and \";\" belongs here");
    else if (!scheme)
        valid = error_set(err, "not an endpoint such as https://contoso.communication.azure.com");
    else
        valid = check_authority(endpoint + strlen(scheme->prefix), scheme, err);

    if (valid && scheme == &schemes[1] && !endpoint_is_loopback(endpoint))
        valid = error_set(err,
                          "http:// is allowed only towards this machine (127.0.0.0/8, [::1], "
                          "localhost): a token must not travel in the clear; use https://");
    if (!valid) {
        free(endpoint);
        return NULL;
    }
    return endpoint;
}

char *endpoint_proxy(const char *text, struct error *err)
{
    static const char http[] = "http://";
    struct in6_addr address;
    char *proxy = xstrdup(text);
    make_lower(proxy);
    char *authority = proxy + sizeof http - 1;
    bool good = strncmp(proxy, http, sizeof http - 1) == 0;
    size_t length = good ? host_length(authority) : 0;
    CLEANUP(free_memory) char *host = xmemdup0(good ? authority : "", length);
    if (good && length > 0 && authority[strlen(authority) - 1] == '/')
        authority[strlen(authority) - 1] = '\0';
    good = good && (is_host_name(host) || is_address6(host, &address)) &&
           authority[length] == ':' && is_port(authority + length + 1);
    if (good)
        return proxy;
    free(proxy);
    error_set(err,
              "neither \"environment\" nor a proxy such as http://proxy.example:3128, without "
              "user or path");
    return NULL;
}

bool endpoint_is_loopback(const char *endpoint)
{
    struct in_addr address;
    struct in6_addr address6;
    const struct scheme *scheme = find_scheme(endpoint);
    if (!scheme)
        return false;
    const char *authority = endpoint + strlen(scheme->prefix);
    CLEANUP(free_memory) char *host = xmemdup0(authority, host_length(authority));
    if (inet_pton(AF_INET, host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == 127;
    if (is_address6(host, &address6))
        return IN6_IS_ADDR_LOOPBACK(&address6);
    return strcmp(host, "localhost") == 0;
}
