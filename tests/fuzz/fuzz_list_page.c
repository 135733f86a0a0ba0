/* The body of a List Chat Messages answer; its link is followed, too. */
#include "base/memory.h"
#include "chat/messages.h"
#include "chat/next_link.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char origin[] = "https://n.example/";

static void check_link(const char *link)
{
    char *url = next_link_resolve("https://n.example/chat/threads/t/messages", link, NULL);
    bool elsewhere = url && strncasecmp(url, origin, sizeof origin - 1) != 0 &&
                     strncasecmp(url, "https://n.example:443/", 22) != 0;
    if (elsewhere)
        abort();
    free(url);
}

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *body = xmemdup0(data, size);
    CLEANUP(message_page_clear) struct message_page page;
    if (message_page_parse(&page, body, size, NULL)) {
        for (size_t i = 0; i < page.found_count; i++)
            if (!page.found[i].id[0] || strlen(page.found[i].stamp) != STAMP_LENGTH)
                abort();
        if (page.next_link)
            check_link(page.next_link);
    }
    free(body);
    return 0;
}
