#include "queue/adoption.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Instead of a machine's id: the same as none, as long as the adoption is under way. */
static const char nobody[] = "restored";

void adoption_begin(struct adoption *adoption, struct outbox *outbox, bool restored)
{
    *adoption = (struct adoption){ .under_way = restored || outbox_is_copy(outbox),
                                   .last = outbox_last_number(outbox) };
    if (restored)
        outbox_set_note(outbox, OUTBOX_NOTE_MACHINE, nobody);
}

/* ---- what was known of the threads ---- */

enum { LONGEST_NAME = 700 };

/* Of this adoption: what an earlier one left in doubt may still be so. */
static void name_known(char *name, const char *place, msec_t doubted_at)
{
    snprintf(name, LONGEST_NAME, "known_of_place_%s_at_%" PRId64, place, doubted_at);
}

struct known {
    struct scope_record *records;
    size_t count;
};

static void collect(void *context, const struct scope_record *record)
{
    struct known *known = context;
    if (record->scope != SCOPE_THREAD || record->newest_id == 0)
        return;
    known->records = xreallocarray(known->records, known->count + 1, sizeof *known->records);
    known->records[known->count++] = *record;
}

static void keep_known(struct outbox *outbox, const struct scope_record *record, msec_t doubted_at)
{
    char name[LONGEST_NAME], text[32];
    name_known(name, record->name, doubted_at);
    char *before = outbox_note(outbox, name); /* at the same instant: the clock was set back */
    snprintf(text, sizeof text, "%" PRId64, record->newest_id);
    if (!before)
        outbox_set_note(outbox, name, text);
    free(before);
}

static void keep_all_known(struct outbox *outbox, msec_t doubted_at)
{
    struct known known = { 0 };
    outbox_scopes(outbox, collect, &known);
    for (size_t i = 0; i < known.count; i++)
        keep_known(outbox, &known.records[i], doubted_at);
    free(known.records);
}

int64_t adoption_known_id(struct outbox *outbox, int64_t place, msec_t doubted_at)
{
    char name[LONGEST_NAME], number[32];
    snprintf(number, sizeof number, "%" PRId64, place);
    name_known(name, number, doubted_at);
    char *text CLEANUP(free_memory) = outbox_note(outbox, name);
    return text ? strtoll(text, NULL, 10) : 0;
}

/* ---- what waits ---- */

/* What is scheduled for later has certainly not been sent. */
static bool may_have_appeared(const struct outline *outline, msec_t now_at)
{
    if (outline->state == MESSAGE_SCHEDULED)
        return outline->due_at <= now_at;
    return !message_state_is_final(outline->state);
}

/* doubted_place stays 0: it is looked for where its thread leads. */
static void doubt(struct outbox *outbox, int64_t id, msec_t doubted_at)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (!outbox_load(outbox, id, &message) || message.doubted_at)
        return;
    message.doubted_at = doubted_at;
    outbox_move(outbox, &message, message.state);
}

void adoption_step(struct adoption *adoption, struct outbox *outbox, const char *machine_id,
                   struct moment now)
{
    struct outline outlines[ADOPTION_ROWS];
    if (adoption->doubted_at == 0) {
        adoption->doubted_at = now.at;
        keep_all_known(outbox, now.at);
        /* What came in since the last one was in none of those digests, and is in doubt now. */
        outbox_set_note(outbox, OUTBOX_NOTE_PASSAGES, "");
    }
    size_t count = outbox_outlines(outbox, adoption->cursor, outlines, ADOPTION_ROWS);
    for (size_t i = 0; i < count && outlines[i].id <= adoption->last; i++)
        if (may_have_appeared(&outlines[i], now.at))
            doubt(outbox, outlines[i].id, adoption->doubted_at);

    if (count > 0)
        adoption->cursor = outlines[count - 1].id;
    if (count == ADOPTION_ROWS && adoption->cursor < adoption->last)
        return;
    outbox_set_note(outbox, OUTBOX_NOTE_MACHINE, machine_id);
    adoption->under_way = false;
}
