#include "daemon/follower.h"

#include "base/memory.h"
#include "daemon/peer.h"
#include "wire/answer.h"

#include <stdlib.h>

void follower_await(struct peer *peer, bool is_awaited)
{
    peer->follower.state = is_awaited ? FOLLOWER_AWAITED : FOLLOWER_NONE;
}

void follower_join(struct peer *peer, struct peer **followers, int64_t thread, const char *ref)
{
    struct follower *follower = &peer->follower;
    follower->state = FOLLOWER_JOINED;
    follower->thread = thread;
    follower->ref = xstrdup_or_null(ref);
    follower->link = followers;
    follower->next = *followers;
    if (follower->next)
        follower->next->follower.link = &follower->next;
    *followers = peer;
}

void follower_leave(struct peer *peer)
{
    struct follower *follower = &peer->follower;
    if (follower->state >= FOLLOWER_JOINED) {
        *follower->link = follower->next;
        if (follower->next)
            follower->next->follower.link = follower->link;
        free(follower->ref);
    }
    *follower = (struct follower){ 0 };
}

/* How many lie between the client's last look and now. */
static void tell_missed(struct peer *peer, struct turn *turn)
{
    json_t *missed = json_pack("{s:I}", "missed", (json_int_t)peer->follower.missed);
    answer_json(peer_event(peer, turn), missed, peer->follower.ref);
    json_decref(missed);
    peer->follower.told += peer->follower.missed;
    peer->follower.missed = 0;
}

void follower_tell(struct peer *peer, struct turn *turn, const json_t *event)
{
    if (peer_is_behind(peer)) {
        peer->follower.missed++;
        return;
    }
    if (peer->follower.missed > 0)
        tell_missed(peer, turn);
    answer_json(peer_event(peer, turn), event, peer->follower.ref);
    peer->follower.told++;
}

void follower_settle(struct peer *peer, bool committed)
{
    struct follower *follower = &peer->follower;
    if (!committed)
        follower->missed += follower->told;
    follower->told = 0;
    if (follower->state != FOLLOWER_JOINED)
        return;
    follower->state = FOLLOWER_LASTING;
    if (!committed)
        follower_leave(peer);
}
