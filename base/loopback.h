/*
 * loopback.h - is a host this machine? Pure: no name is looked up
 */
#ifndef CHATRELAY_BASE_LOOPBACK_H
#define CHATRELAY_BASE_LOOPBACK_H

#include <stdbool.h>

/* "localhost", an address of 127.0.0.0/8 (RFC 1122, section 3.2.1.3) or "::1", as RFC 4291 has it.
 */
bool loopback_is(const char *host);

#endif
