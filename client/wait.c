#include "client/wait.h"

#include "client/line.h"
#include "client/member.h"
#include "client/say.h"

#include <inttypes.h>
#include <string.h>

static msec_t steady_now(void)
{
    return clock_now(&clock_system).steady_at;
}

void wait_line(const struct wait *wait, struct text *line)
{
    line_begin(line, REQUEST_WAIT);
    line_add_integer(line, "id", wait->id);
    line_add_string(line, "for", wait->goal);
    line_add_duration(line, "timeout", wait->within_ms);
    line_end(line);
}

/* A wait of which some is over when the relay has to be asked once more. */
struct rest {
    struct wait wait;
    msec_t over_at; /* steady; 0: it has not begun */
};

static void make_line(void *context, struct text *line)
{
    struct rest *rest = context;
    msec_t now_at = steady_now();
    if (!rest->over_at)
        rest->over_at = msec_add(now_at, rest->wait.within_ms);
    if (rest->over_at != MSEC_NEVER)
        rest->wait.within_ms = msec_max(rest->over_at - now_at, 0);
    wait_line(&rest->wait, line);
}

enum relay_result wait_ask(struct relay *relay, const struct wait *wait, struct answer *answer,
                           struct error *err)
{
    struct rest rest = { .wait = *wait };
    /* The relay watches the time; ours only ends the wait for a relay that hangs. */
    msec_t answer_by = msec_add(steady_now(), msec_add(wait->within_ms, relay->timeout_ms));
    enum relay_result result = relay_ask_anew(relay, make_line, &rest, answer_by, answer, err);
    if (result != RELAY_ANSWERED || !answer->ok || member_string(answer->root, "state")[0])
        return result;
    answer_clear(answer);
    error_set(err, "the relay's answer has no state");
    return RELAY_GARBLED;
}

static void say_what_was_seen(const json_t *answer, int64_t id)
{
    const char *verified = json_string_value(json_object_get(answer, "verified"));
    if (!verified || strcmp(verified, "as-sent") == 0)
        return;
    if (strcmp(verified, "taken-back") == 0)
        say("%" PRId64 " was sent, and is not in the chat any more: it was taken back", id);
    else if (strcmp(verified, "unknown") != 0)
        say("%" PRId64 " is in the chat, and not as it was sent", id);
    else if (json_object_get(answer, "remote_id"))
        say("%" PRId64 " is sent, and was not read back: its thread is not in the settings", id);
    else
        say("%" PRId64 " is sent, and was not read back: its id in the chat is not known", id);
}

enum exit_code wait_say(const struct answer *answer)
{
    int64_t id = member_integer(answer->root, "id");
    const char *state = member_string(answer->root, "state");
    const char *reason = member_string(answer->root, "reason");
    enum exit_code code = exit_code_of_state(state);
    bool timed_out = json_is_true(json_object_get(answer->root, "timeout"));

    if (code == EXIT_CODE_DONE && timed_out) {
        say("%" PRId64 " is sent, and was not seen in the chat in time", id);
        return EXIT_CODE_WAIT_RAN_OUT;
    }
    say_what_was_seen(answer->root, id);
    if (code == EXIT_CODE_WAIT_RAN_OUT)
        say("%" PRId64 " is stored and still %s; do not send it again", id, state);
    else if (code == EXIT_CODE_NOT_SENT)
        say("%" PRId64 " is %s%s%s", id, state, reason[0] ? ": " : "", reason);
    return code;
}
