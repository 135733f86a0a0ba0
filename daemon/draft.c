#include "daemon/draft.h"

#include "wire/answer.h"

#include <string.h>

struct text *draft_line(struct draft *draft, const char *ref)
{
    text_add(&draft->refs, ref ? "+" : "-");
    text_append(&draft->refs, ref ? ref : "", ref ? strlen(ref) + 1 : 1);
    return &draft->lines;
}

struct text *draft_event(struct draft *draft)
{
    text_append(&draft->refs, "!", 2);
    return &draft->lines;
}

static void forget(struct draft *draft)
{
    text_empty(&draft->lines);
    text_empty(&draft->refs);
}

void draft_commit(struct draft *draft)
{
    text_append(&draft->final, draft->lines.bytes, draft->lines.length);
    forget(draft);
}

void draft_refuse(struct draft *draft, const struct refusal *refusal)
{
    if (draft->refs.length == 0)
        return;
    const char *end = draft->refs.bytes + draft->refs.length;
    for (const char *ref = draft->refs.bytes; ref < end; ref += strlen(ref) + 1)
        if (ref[0] != '!')
            answer_refused(&draft->final, refusal, ref[0] == '+' ? ref + 1 : NULL);
    forget(draft);
}

size_t draft_size(const struct draft *draft)
{
    return draft->final.capacity + draft->lines.capacity + draft->refs.capacity;
}

void draft_clear(struct draft *draft)
{
    text_clear(&draft->final);
    text_clear(&draft->lines);
    text_clear(&draft->refs);
}
