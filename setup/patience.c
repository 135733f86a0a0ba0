#include "setup/patience.h"

#include "queue/courier.h"

enum { FIRST_WAIT_MS = 2000, SHORTEST_WAIT_MS = 250, MOST_TIMES = 8 };

bool patience_wait(struct patience *patience, int status, msec_t asked_ms, bool repeatable,
                   msec_t *wait_ms)
{
    bool is_busy = status == 429 || (status == 503 && repeatable);
    msec_t doubled_ms = (msec_t)FIRST_WAIT_MS << patience->times;
    *wait_ms = asked_ms == DELIVERY_NO_WAIT ? doubled_ms : msec_max(asked_ms, SHORTEST_WAIT_MS);
    if (!is_busy || *wait_ms > PATIENCE_MS - patience->waited_ms || patience->times >= MOST_TIMES)
        return false;
    patience->times++;
    patience->waited_ms += *wait_ms;
    return true;
}
