#include "daemon/audit_desk.h"

#include "daemon/member.h"
#include "queue/audit.h"

#include <stdlib.h>

enum { SLICE = 1000, MOST_DIFFERENCES = 10 };

static json_t *states_of(const struct tally *tally)
{
    json_t *object = json_object();
    for (int state = 0; state < MESSAGE_STATES; state++) {
        enum message_state one = (enum message_state)state;
        member_count(object, message_state_name(one),
                     tally_sum(tally, TALLY_ANY, TALLY_ANY, one).messages);
    }
    return object;
}

static json_t *difference_of(const struct desk *desk, const struct audit_difference *difference)
{
    const struct tally_row *booked = &difference->booked;
    json_t *object = json_object();
    char *thread = NULL;
    if (outbox_thread_name(desk->floor->outbox, lane_thread(booked->lane), &thread))
        member_text(object, "thread", thread);
    free(thread);
    member_text(object, "priority", priority_name(lane_priority(booked->lane)));
    member_count(object, "uid", booked->uid);
    member_text(object, "state", message_state_name(booked->state));
    member_count(object, "booked", booked->messages);
    member_count(object, "counted", difference->counted);
    return object;
}

static void answer_verdict(struct desk *desk, struct peer *peer, const struct request *request,
                           const struct audit *audit)
{
    struct audit_difference differences[MOST_DIFFERENCES];
    const struct tally *books = outbox_tally(desk->floor->outbox);
    size_t count = audit_compare(audit, books, differences, MOST_DIFFERENCES);
    json_t *named = json_array();
    for (size_t i = 0; i < count && i < MOST_DIFFERENCES; i++)
        json_array_append_new(named, difference_of(desk, &differences[i]));
    const struct tally_sum taken = tally_sum(books, TALLY_ANY, TALLY_ANY, TALLY_TAKEN);
    int64_t made = tally_sum(books, TALLY_ANY, RELAY_UID, TALLY_TAKEN).messages;
    desk_answer(desk, peer, request,
                json_pack("{s:I, s:I, s:I, s:I, s:b, s:o, s:o, s:o}", "accepted",
                          (json_int_t)(taken.messages - made), "made", (json_int_t)made, "rows",
                          (json_int_t)audit_rows(audit), "purged", (json_int_t)taken.purged,
                          "balanced", count == 0, "booked", states_of(books), "counted",
                          states_of(audit_tally(audit)), "differences", named));
    outbox_audit_end(desk->floor->outbox);
}

static bool may_audit(const struct desk *desk, const struct asker *asker,
                      const struct request *request, struct refusal *refusal)
{
    const struct audit *audit = outbox_audit(desk->floor->outbox);
    if (!directory_is_operator(desk->directory, asker))
        return refusal_set(refusal, REFUSAL_DENIED, NULL,
                           "only operators may audit (setting operators)");
    if (request->after && (!audit || audit_cursor(audit) != request->after))
        return refusal_set(refusal, REFUSAL_BUSY, "after",
                           "the audit that this continues is over: another began, or the outbox "
                           "was opened anew; begin anew");
    return true;
}

void audit_desk_answer(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct outbox *outbox = desk->floor->outbox;
    struct refusal refusal;
    if (!may_audit(desk, &peer->asker, request, &refusal)) {
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    if (!request->after)
        outbox_audit_begin(outbox);
    desk->has_browsed = true;
    bool more = outbox_audit_step(outbox, SLICE);
    const struct audit *audit = outbox_audit(outbox);
    if (more)
        desk_answer(desk, peer, request,
                    json_pack("{s:I, s:I}", "rows", (json_int_t)audit_rows(audit), "next",
                              (json_int_t)audit_cursor(audit)));
    else
        answer_verdict(desk, peer, request, audit);
}
