#include "chat/tls_words.h"

#include <stddef.h>
#include <string.h>

/* The first that is found counts. */
static const struct {
    const char *part; /* of what is said */
    const char *sentence;
} table[] = {
    { "certificate has expired", "the server's certificate has expired" },
    { "certificate is not yet valid",
      "the server's certificate is not valid yet; is this machine's clock right?" },
    { "certificate revoked", "the server's certificate is revoked" },
    { "subject name", "the server's certificate is for another host name than the endpoint's" },
    { "does not match target host",
      "the server's certificate is for another host name than the "
      "endpoint's" },
    { "IP address mismatch",
      "the server's certificate is for another address than the endpoint's" },
    { "issuer certificate",
      "the server's certificate is from an authority that is not trusted here (setting ca_file)" },
    { "self-signed",
      "the server's certificate is from an authority that is not trusted here "
      "(setting ca_file)" },
    { "self signed",
      "the server's certificate is from an authority that is not trusted here "
      "(setting ca_file)" },
    { "unsupported protocol", "the server speaks no TLS 1.2 or later" },
    { "protocol version", "the server speaks no TLS 1.2 or later" },
    { "wrong version number", "what answers there does not speak TLS" },
    { "setting certificate", "the authorities' certificates (setting ca_file) cannot be read" },
};

const char *tls_words(const char *said)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strstr(said, table[i].part))
            return table[i].sentence;
    return NULL;
}
