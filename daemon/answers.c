#include "daemon/answers.h"

#include <errno.h>
#include <sys/socket.h>

/* A large buffer is not kept for the next large answer: most clients ask for one in their life. */
static void shrink(struct text *text)
{
    enum { KEPT_BYTES = 32 * 1024 };
    if (text->length == 0 && text->capacity > KEPT_BYTES)
        text_clear(text);
}

struct draft *answers_latest(struct answers *answers)
{
    return answers->last ? &answers->last->behind : &answers->draft;
}

void answers_add_wait(struct answers *answers, struct wait *wait)
{
    if (answers->last)
        answers->last->next_of_peer = wait;
    else
        answers->first = wait;
    answers->last = wait;
}

static void drop_first_wait(struct answers *answers)
{
    struct wait *wait = answers->first;
    answers->first = wait->next_of_peer;
    if (!answers->first)
        answers->last = NULL;
    wait_free(answers->waits, wait);
}

/* Everything of a wait that is over, and of what it held up, is final now. */
static void release_waits(struct answers *answers)
{
    struct text *final = &answers->draft.final;
    while (answers->first && answers->first->over) {
        const struct wait *wait = answers->first;
        text_append(final, wait->answer.final.bytes, wait->answer.final.length);
        text_append(final, wait->behind.final.bytes, wait->behind.final.length);
        drop_first_wait(answers);
    }
}

static void settle_draft(struct draft *draft, enum outbox_commit how)
{
    struct refusal refusal = { 0 };
    if (how == OUTBOX_COMMITTED) {
        draft_commit(draft);
        return;
    }
    refusal_set(&refusal, REFUSAL_STORAGE, NULL,
                "the outbox could not be written; nothing was stored, try again later");
    draft_refuse(draft, &refusal);
}

void answers_settle(struct answers *answers, enum outbox_commit how)
{
    settle_draft(&answers->draft, how);
    for (struct wait *wait = answers->first; wait; wait = wait->next_of_peer) {
        settle_draft(&wait->answer, how);
        settle_draft(&wait->behind, how);
    }
    release_waits(answers);
    shrink(&answers->draft.lines);
    shrink(&answers->draft.refs);
}

/* As much as the socket takes; `*written` becomes how much that was. */
static enum answers_written write_some(const struct text *final, int fd, size_t *written)
{
    for (*written = 0; *written < final->length;) {
        ssize_t count = send(fd, final->bytes + *written, final->length - *written, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno == EAGAIN ? ANSWERS_BLOCKED : ANSWERS_BROKEN;
        *written += (size_t)count;
    }
    return ANSWERS_WRITTEN;
}

enum answers_written answers_write(struct answers *answers, int fd)
{
    size_t count = 0;
    enum answers_written written = write_some(&answers->draft.final, fd, &count);
    text_drop(&answers->draft.final, count);
    shrink(&answers->draft.final);
    return written;
}

bool answers_are_told(const struct answers *answers)
{
    return !answers->first && answers->draft.final.length == 0;
}

static size_t untold_bytes(const struct draft *draft)
{
    return draft->final.length + draft->lines.length;
}

size_t answers_untold_bytes(const struct answers *answers)
{
    size_t bytes = untold_bytes(&answers->draft);
    for (const struct wait *wait = answers->first; wait; wait = wait->next_of_peer)
        bytes += wait->size_bytes + untold_bytes(&wait->behind);
    return bytes;
}

size_t answers_size(const struct answers *answers)
{
    size_t size = draft_size(&answers->draft);
    for (const struct wait *wait = answers->first; wait; wait = wait->next_of_peer)
        size += wait->size_bytes + draft_size(&wait->answer) + draft_size(&wait->behind);
    return size;
}

void answers_clear(struct answers *answers)
{
    while (answers->first)
        drop_first_wait(answers);
    draft_clear(&answers->draft);
}
