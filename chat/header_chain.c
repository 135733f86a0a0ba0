#include "chat/header_chain.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const char bearer_start[] = "Authorization: Bearer ";

static size_t bytes_needed(const struct http_request *request)
{
    size_t needed = request->bearer ? sizeof bearer_start + strlen(request->bearer) : 0;
    for (size_t i = 0; i < HTTP_MOST_HEADERS; i++)
        needed += request->headers[i] ? strlen(request->headers[i]) + 1 : 0;
    return needed;
}

/* Room for `needed` bytes. What was there before is wiped already. */
static void reserve(struct header_chain *chain, size_t needed)
{
    if (needed <= chain->capacity)
        return;
    free(chain->bytes);
    chain->bytes = xcalloc(1, needed);
    chain->capacity = needed;
}

/* Behind the `count` before it. */
static void join(struct header_chain *chain, size_t count, struct curl_slist node)
{
    chain->nodes[count] = node;
    if (count > 0)
        chain->nodes[count - 1].next = &chain->nodes[count];
}

struct curl_slist *header_chain_make(struct header_chain *chain, const struct http_request *request,
                                     char *own)
{
    reserve(chain, bytes_needed(request));
    char *end = chain->bytes;
    size_t count = 0;
    if (request->bearer) {
        join(chain, count++, (struct curl_slist){ end, NULL });
        end = stpcpy(stpcpy(end, bearer_start), request->bearer) + 1;
    }
    for (size_t i = 0; i < HTTP_MOST_HEADERS; i++) {
        if (!request->headers[i])
            continue;
        join(chain, count++, (struct curl_slist){ end, NULL });
        end = stpcpy(end, request->headers[i]) + 1;
    }
    if (own)
        join(chain, count++, (struct curl_slist){ own, NULL });
    return count > 0 ? chain->nodes : NULL;
}

void header_chain_wipe(struct header_chain *chain)
{
    if (chain->bytes)
        explicit_bzero(chain->bytes, chain->capacity);
}

void header_chain_clear(struct header_chain *chain)
{
    header_chain_wipe(chain);
    free(chain->bytes);
    *chain = (struct header_chain){ 0 };
}
