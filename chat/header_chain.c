#include "chat/header_chain.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

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

struct curl_slist *header_chain_make(struct header_chain *chain, const char *const headers[],
                                     char *own)
{
    size_t needed = 0, used = 0, count = 0;
    for (size_t i = 0; i < HTTP_MOST_HEADERS; i++)
        needed += headers[i] ? strlen(headers[i]) + 1 : 0;
    reserve(chain, needed);

    for (size_t i = 0; i < HTTP_MOST_HEADERS; i++) {
        if (!headers[i])
            continue;
        char *copy = chain->bytes + used;
        used += (size_t)(stpcpy(copy, headers[i]) - copy) + 1;
        join(chain, count++, (struct curl_slist){ copy, NULL });
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
