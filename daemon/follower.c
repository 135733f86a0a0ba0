#include "daemon/follower.h"

#include "wire/answer.h"

/* How many lie between the client's last look and now. */
static void tell_missed(struct peer *peer, struct turn *turn)
{
    json_t *missed = json_pack("{s:I}", "missed", (json_int_t)peer->missed);
    answer_json(peer_event(peer, turn), missed, peer->follow_ref);
    json_decref(missed);
    peer->told += peer->missed;
    peer->missed = 0;
}

void follower_tell(struct peer *peer, struct turn *turn, const json_t *event)
{
    if (peer_is_behind(peer)) {
        peer->missed++;
        return;
    }
    if (peer->missed > 0)
        tell_missed(peer, turn);
    answer_json(peer_event(peer, turn), event, peer->follow_ref);
    peer->told++;
}
