#include "daemon/journal.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

/* Made with `systemd-id128 new`, and never changed: people search for them. */
static const struct {
    const char *kind;
    const char *message_id;
} kinds[] = {
    /* Of messages. */
    { "accepted", "6f3e84679c964b7e950426090a8c29a8" },
    { "sent", "2969986e08a846c1be4fa796c45822ef" },
    { "deferred", "dc89e90e88e24fc992fcaa733ce6c3ee" },
    { "doubt", "10d9fe39e9d747c8ae1a5433082f1bed" },
    { "dead", "288f05739bd94d4895b70a1eb111b12f" },
    { "expired", "84a8e9d3059c4fcea767380f3859e849" },
    { "cancelled", "42b2b45fbf1d4f9eac5ee19ce0bbede6" },
    { "held", "0ad626374bb54a71b810ff4a812eb592" },
    { "pending", "6ae1fefe936c45a08bfae7c98088f964" },
    { "scheduled", "46b8a123e60a4060924c2f7122c27da3" },
    { "folded", "19e59b91666d42fa835d04b85d2949e9" },
    /* Of threads. */
    { "paused", "85e77f7043b64ba98ec56306ce27e4a6" },
    { "resumed", "c54d57492cff44179de0ad7fcc1f3fa0" },
    /* Of the relay itself. */
    { "ready", "c7ebbe79d034474985076927902340db" },
    { "reloaded", "77487688fcd2473c8406e87066e317fc" },
    { "not-reloaded", "262bee986d5b46079621673d514df2e8" },
    { "outbox-failed", "acbeca5ccddf427d9e5a98318cd119de" },
    { "no-token", "1f99b01c7064490ebdd62f3eb21fa159" },
};

enum { MOST_FIELDS = 9 };

struct fields {
    struct text bytes;
    size_t ends[MOST_FIELDS];
    size_t count;
};

static void end_field(struct fields *fields)
{
    fields->ends[fields->count++] = fields->bytes.length;
}

static void add_text(struct fields *fields, const char *name, const char *value)
{
    if (!value || !value[0])
        return;
    text_add(&fields->bytes, name);
    text_add(&fields->bytes, value);
    end_field(fields);
}

static void add_number(struct fields *fields, const char *name, int64_t value)
{
    if (value == 0)
        return;
    text_add(&fields->bytes, name);
    text_add_number(&fields->bytes, value);
    end_field(fields);
}

static const char *message_id_of(const char *kind)
{
    for (size_t i = 0; kind && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return kinds[i].message_id;
    return NULL;
}

static void send_fields(struct fields *fields)
{
    struct iovec parts[MOST_FIELDS];
    size_t begin = 0;
    for (size_t i = 0; i < fields->count; i++) {
        parts[i] = (struct iovec){ fields->bytes.bytes + begin, fields->ends[i] - begin };
        begin = fields->ends[i];
    }
    sd_journal_sendv(parts, (int)fields->count);
}

void journal_send(const struct journal_entry *entry, const char *line, size_t length)
{
    struct fields fields = { .count = 0 };
    const char priority[] = { (char)('0' + entry->priority), '\0' };
    text_add(&fields.bytes, "MESSAGE=");
    text_append(&fields.bytes, line, length);
    end_field(&fields);
    add_text(&fields, "PRIORITY=", priority);
    add_text(&fields, "MESSAGE_ID=", message_id_of(entry->kind));
    add_number(&fields, "CHATRELAY_ID=", entry->id);
    add_text(&fields, "CHATRELAY_THREAD=", entry->thread);
    add_text(&fields, "CHATRELAY_STATUS=", entry->status);
    add_number(&fields, "CHATRELAY_ATTEMPT=", entry->attempt);
    add_number(&fields, "CHATRELAY_HTTP_STATUS=", entry->http);
    add_text(&fields, "CHATRELAY_MS_CV=", entry->cv);
    send_fields(&fields);
    text_clear(&fields.bytes);
}
