#include "base/loopback.h"

#include <arpa/inet.h>
#include <string.h>

bool loopback_is(const char *host)
{
    struct in_addr address;
    struct in6_addr address6;
    if (inet_pton(AF_INET, host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == 127;
    if (inet_pton(AF_INET6, host, &address6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&address6);
    return strcmp(host, "localhost") == 0;
}
