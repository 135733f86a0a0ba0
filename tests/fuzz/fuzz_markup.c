/*
 * Html of a sender, whatever it is: what is called closed can stand beside itself
 * and within another element, an end tag behind it closes nothing of it, and text
 * that was escaped is closed.
 */
#include "base/memory.h"
#include "queue/markup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static bool is_closed_in(const char *before, const char *html, const char *behind)
{
    CLEANUP(free_memory) char *all = xasprintf("%s%s%s", before, html, behind);
    return markup_is_closed(all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(free_memory) char *html = xmemdup0(data, size);
    CLEANUP(text_clear) struct text escaped = { 0 };
    markup_add_text(&escaped, html);
    insist(!escaped.bytes || markup_is_closed(escaped.bytes));
    if (!markup_is_closed(html))
        return 0;
    insist(is_closed_in("", html, html));
    insist(!is_closed_in("", html, "</b>"));
    insist(!is_closed_in("<b>", html, ""));
    insist(strlen(html) > 3 * 64 || is_closed_in("<b>", html, "</b>"));
    return 0;
}
