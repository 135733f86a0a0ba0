#include "daemon/loss_note.h"

#include "base/memory.h"
#include "base/text.h"

#include <inttypes.h>

/* Its text is "LOST TOLD LATEST". */
static const char note_name[] = "losses_told";

struct loss_note loss_note_read(struct outbox *outbox)
{
    struct loss_note note = { 0 };
    CLEANUP(free_memory) char *text = outbox_note(outbox, note_name);
    const char *at = text;
    if (text && text_read_number(&at, &note.lost) && text_read_number(&at, &note.told))
        (void)!text_read_number(&at, &note.latest_id);
    return note;
}

static void write_note(struct outbox *outbox, const struct loss_note *note)
{
    CLEANUP(free_memory)
    char *text =
        xasprintf("%" PRId64 " %" PRId64 " %" PRId64, note->lost, note->told, note->latest_id);
    outbox_set_note(outbox, note_name, text);
}

void loss_note_add(struct outbox *outbox, int64_t count, int64_t latest_id)
{
    struct loss_note note = loss_note_read(outbox);
    note.lost += count;
    note.latest_id = latest_id;
    write_note(outbox, &note);
}

void loss_note_tell(struct outbox *outbox, int64_t told)
{
    struct loss_note note = loss_note_read(outbox);
    if (told <= note.told)
        return;
    note.told = told;
    write_note(outbox, &note);
}
