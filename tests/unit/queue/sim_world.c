/*
 * The loop is the daemon's: read everything, write once, act. What is promised
 * is checked where it would be broken: at the beginning of every request, when
 * the chat takes a message, after every turn, and at the end.
 */
#include "tests/unit/queue/sim_world.h"

#include "base/memory.h"
#include "queue/adoption.h"
#include "queue/change.h"
#include "queue/diagnosis.h"
#include "queue/dispatcher_control.h"
#include "queue/fold.h"
#include "queue/turn.h"
#include "tests/fakes/outbox_memory.h"
#include "tests/unit/queue/sim_chat.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MESSAGES = 8192, MOST_TURNS = 200000, MOST_TURNS_AT_ONCE = 2000 };
enum { LANES = (SIM_THREADS + 1) * LANES_PER_THREAD };

/* What the clients know of a message, or we of a digest. Its stamp is its index. */
struct note {
    enum { NOTE_OFFERED, NOTE_REJECTED, NOTE_ACCEPTED } state;
    int64_t id, rank; /* rank: when it was last sent */
    lane_id lane;
    enum message_kind kind;
    size_t target; /* of an update or a delete: its note */
    bool poison;
    int wronged;        /* how often it was refused with 400 for nothing */
    bool released;      /* was held, or has the place of one that was: may come out of order */
    int64_t stands_for; /* at the end: how many it and those folded into it are */
    int taken;          /* how often the chat took it */
    enum on_doubt on_doubt;
    bool under_way;
    bool astray; /* its answer was lost, and the settings do not want it looked for at once */
};

struct world {
    const struct sim_program *program;
    struct sim_result *result;
    FILE *trace; /* NULL for none */
    struct random random;
    struct moment now;
    struct sim_chat *chat;
    struct outbox_disk *disk;
    struct outbox *outbox;
    struct dispatcher *dispatcher;
    struct turn *turn;

    size_t next_event;
    struct sim_route routes[SIM_THREADS];
    int pace_percent;
    bool calm;
    int crash; /* enum sim_crash_kind at the end of this turn, -1 for none */
    msec_t away_ms;
    msec_t innocent_steady_at; /* latest send of the innocent thread */
    msec_t started_steady_at;  /* the latest start */
    size_t turns_at_once;

    struct note notes[MOST_MESSAGES];
    size_t note_count, settled_notes; /* all before are not merely offered */
    int edits;
    struct note digests[MOST_MESSAGES];
    size_t digest_count;
    bool lane_busy[LANES];
    int64_t lane_rank[LANES]; /* of the latest that the chat took */
};

static bool PRINTF_LIKE(2, 3) fail(struct world *world, const char *format, ...)
{
    va_list arguments;
    if (world->result->failure[0])
        return false;
    va_start(arguments, format);
    vsnprintf(world->result->failure, sizeof world->result->failure, format, arguments);
    va_end(arguments);
    return false;
}

static void PRINTF_LIKE(2, 3) say(const struct world *world, const char *format, ...)
{
    va_list arguments;
    if (!world->trace)
        return;
    fprintf(world->trace, "  %10.3f s  ", (double)world->now.steady_at / 1000);
    va_start(arguments, format);
    vfprintf(world->trace, format, arguments);
    va_end(arguments);
    fprintf(world->trace, "\n");
}

static struct note *note_of(struct world *world, const char *stamp)
{
    size_t index = strtoull(stamp, NULL, 16);
    return index < MOST_MESSAGES ? &world->notes[index] : &world->digests[index - MOST_MESSAGES];
}

static bool is_of_digest(const char *stamp)
{
    return strtoull(stamp, NULL, 16) >= MOST_MESSAGES;
}

/* Of the words behind their mark; `end` behind the number. */
static struct note *note_of_mark(struct world *world, const char *mark, char **end)
{
    return &world->notes[strtoull(mark + 1, end, 10)];
}

/*
 * What a fold has replaced has the same stamp as what replaced it: words are told apart. A change
 * has the words of its target, or none, and a stamp of its own.
 */
static struct note *note_of_words(struct world *world, const char *stamp, const char *content)
{
    struct note *note = note_of(world, stamp);
    const char *mark = content ? strchr(content, '#') : NULL;
    return mark && !message_kind_repeats(note->kind) ? note_of_mark(world, mark, NULL) : note;
}

/*
 * Whose words a post has: those of the message with its stamp, or of a digest's. Every message of a
 * client has words of its own, "disk full #7", so these are read as people would.
 */
struct reading {
    const char *stamp, *content; /* stamp: NULL once it is read */
};

static struct reading reading_of(const struct message *message)
{
    return (struct reading){ message->stamp, message->content };
}

static struct note *note_of_message(struct world *world, const struct message *message)
{
    return is_of_digest(message->stamp) ? note_of(world, message->stamp)
                                        : note_of_words(world, message->stamp, message->content);
}

/* NULL at the end. */
static struct note *next_note(struct world *world, struct reading *reading)
{
    if (!reading->stamp)
        return NULL;
    if (!is_of_digest(reading->stamp)) {
        struct note *note = note_of_words(world, reading->stamp, reading->content);
        reading->stamp = NULL;
        return note;
    }
    const char *mark = reading->content ? strchr(reading->content, '#') : NULL;
    if (!mark)
        return NULL;
    char *end = NULL;
    struct note *note = note_of_mark(world, mark, &end);
    reading->content = end;
    return note;
}

/* ---- what the chat does --------------------------------------------------------------------- */

static void take_note(struct world *world, struct note *note, int place)
{
    int64_t *latest_rank = &world->lane_rank[note->lane];
    say(world, "place %d takes message %" PRId64, place, note->id);
    bool risked = note->astray && note->on_doubt == ON_DOUBT_RISK_TWICE;
    if (++note->taken > 1 && !risked)
        fail(world, "message %" PRId64 " is in the chat twice (place %d)", note->id, place);
    if (note->released || note->astray)
        return;
    if (note->rank <= *latest_rank)
        fail(world, "message %" PRId64 " came out of order in lane %" PRId64, note->id, note->lane);
    *latest_rank = note->rank;
}

static void on_taken(void *context, const char *stamp, const char *content, int place)
{
    struct world *world = context;
    struct reading reading = { stamp, content };
    struct note *note = NULL;
    while ((note = next_note(world, &reading)))
        take_note(world, note, place);
}

static void on_wronged(void *context, const char *stamp, const char *content)
{
    struct reading reading = { stamp, content };
    struct note *note = NULL;
    while ((note = next_note(context, &reading)))
        note->wronged++;
}

static bool is_poisonous(void *context, const char *stamp, const char *content)
{
    struct reading reading = { stamp, content };
    const struct note *note = NULL;
    while ((note = next_note(context, &reading)))
        if (note->poison)
            return true;
    return false;
}

/* ---- settings ------------------------------------------------------------------------------- */

struct setup_names {
    char name[40], endpoint[40], thread[40], sender[40];
};

static struct pacer_limits own_limits(const struct world *world)
{
    struct pacer_limits limits = world->program->scene.limits;
    for (size_t i = 0; i < limits.pace_count; i++)
        limits.paces[i].sends = msec_max(limits.paces[i].sends * world->pace_percent / 100, 1);
    return limits;
}

static struct route_setup setup_of(const struct world *world, struct setup_names *names,
                                   int endpoint, const struct sim_route *route)
{
    sim_chat_endpoint_name(endpoint, names->endpoint);
    sim_chat_place_name(route->place, names->thread);
    sim_chat_sender_name(route->sender, names->sender);
    return (struct route_setup){ .name = names->name,
                                 .endpoint = names->endpoint,
                                 .thread = names->thread,
                                 .sender = names->sender,
                                 .limits = own_limits(world),
                                 .thread_retry = { 60000, 3600000 },
                                 .endpoint_retry = { 1000, 300000 },
                                 .late_mark = { .after_ms = 300000, .limit = 28672 },
                                 .digest = world->program->scene.digest,
                                 .report_after_ms = 300000,
                                 .settle_ms = SIM_SETTLE_MS,
                                 .on_doubt = route->on_doubt };
}

static void configure(struct world *world)
{
    enum { MOST_SETUPS = SIM_THREADS + SIM_ENDPOINTS };
    struct route_setup setups[MOST_SETUPS];
    struct setup_names names[MOST_SETUPS];
    size_t count = 0;
    for (size_t i = 0; i < world->program->scene.threads; i++) {
        const struct sim_route *route = &world->routes[i];
        if (route->removed)
            continue;
        snprintf(names[count].name, sizeof names[count].name, "t%zu", i);
        setups[count] =
            setup_of(world, &names[count], world->program->scene.endpoint_of[route->place], route);
        count++;
    }
    /* In the end there is somebody at every endpoint who can look for what was tried there. */
    for (int endpoint = 1; endpoint < SIM_ENDPOINTS && world->calm; endpoint++) {
        snprintf(names[count].name, sizeof names[count].name, "looker%d", endpoint);
        const struct sim_route looker = { .place = SIM_PLACES + endpoint, .sender = 1 };
        setups[count] = setup_of(world, &names[count], endpoint, &looker);
        count++;
    }
    dispatcher_configure(world->dispatcher, setups, count, world->now);
    memset(names, 0, sizeof names); /* they were borrowed for the call */
}

/* ---- start and end -------------------------------------------------------------------------- */

static void open_floor(struct world *world)
{
    do
        world->outbox = outbox_open_memory(world->disk, &(struct outbox_setup){ 0 }, NULL);
    while (!world->outbox);
    world->turn = turn_new();
    world->dispatcher = dispatcher_new(world->outbox, "boot", world->now);
    world->started_steady_at = world->now.steady_at;
    configure(world);
}

static void close_floor(struct world *world)
{
    dispatcher_free(world->dispatcher);
    outbox_close(world->outbox);
    turn_free(world->turn);
}

static bool is_stored(struct world *world, const struct note *note)
{
    struct message message;
    if (!outbox_load(world->outbox, note->id, &message))
        return false;
    bool same = note_of_message(world, &message) == note;
    message_clear(&message);
    return same;
}

/* What was offered in the turn that just ended: in, or out? */
static void settle_notes(struct world *world, bool committed)
{
    for (; world->settled_notes < world->note_count; world->settled_notes++) {
        struct note *note = &world->notes[world->settled_notes];
        bool in = committed || is_stored(world, note);
        note->state = in ? NOTE_ACCEPTED : NOTE_REJECTED;
        world->result->messages += in;
    }
}

/* Nobody will learn what became of it. */
static void lose_answer(struct note *note)
{
    note->under_way = false;
    note->astray = note->on_doubt != ON_DOUBT_LOOK;
}

static bool is_moved_ever(const struct world *world, int thread)
{
    for (const struct sim_event *event = world->program->events;
         event < world->program->events + world->program->count; event++)
        if (event->kind == EVENT_MOVE && event->target == thread)
            return true;
    return false;
}

/* Another machine sent it, after the outbox was copied; not where nobody can know any more. */
static bool send_elsewhere(void *context, const struct message *message)
{
    struct world *world = context;
    struct note *note = note_of_message(world, message);
    int thread = (int)message->uid;
    if (is_moved_ever(world, thread) || message->kind != MESSAGE_SEND || thread == 0 ||
        message->doubted_at || !random_percent(&world->random, 50))
        return true;
    note->released = true; /* nobody knows in which order */
    note->taken++;
    say(world, "message %" PRId64 " is sent by another machine", message->id);
    sim_chat_post(world->chat, world->routes[thread].place, message, world->now.steady_at);
    return true;
}

/* The outbox is a copy, or so it is said: what waits in it may have been sent. */
static void adopt_copy(struct world *world)
{
    const struct outbox_filter pending = {
        .thread = -1, .uid = -1, .states = outbox_state_bit(MESSAGE_PENDING), .priority = -1
    };
    struct adoption adoption;
    say(world, "the outbox is a copy");
    outbox_list(world->outbox, &pending, 0, MOST_MESSAGES, send_elsewhere, world);
    adoption_begin(&adoption, world->outbox, true);
    while (adoption.under_way)
        adoption_step(&adoption, world->outbox, "this one", world->now);
    if (outbox_commit(world->outbox, NULL) != OUTBOX_COMMITTED)
        fail(world, "the copy could not be adopted");
    for (lane_id lane = 0; lane < LANES; lane++)
        if (lane_priority(lane) <= PRIORITY_BULK)
            dispatcher_changed(world->dispatcher, lane, world->now);
}

static void restart(struct world *world)
{
    for (struct note *note = world->notes; note < world->notes + world->note_count; note++)
        if (note->under_way)
            lose_answer(note);
    for (size_t i = 0; i < world->digest_count; i++)
        if (world->digests[i].under_way)
            lose_answer(&world->digests[i]);
    sim_chat_abandon(world->chat, world->now.steady_at);
    close_floor(world);
    world->now.at += world->away_ms;
    world->now.steady_at += world->away_ms;
    say(world, "started anew");
    memset(world->lane_busy, 0, sizeof world->lane_busy);
    outbox_memory_break(world->disk, BREAK_NOTHING);
    open_floor(world);
    settle_notes(world, false);
    if (random_percent(&world->random, 10))
        adopt_copy(world);
    world->result->restarts++;
    world->crash = -1;
    world->away_ms = 0;
}

/* ---- checks --------------------------------------------------------------------------------- */

struct books {
    int64_t messages[LANES][MESSAGE_STATES], bytes[LANES][MESSAGE_STATES];
};

static bool book(void *context, const struct message *message)
{
    struct books *books = context;
    books->messages[message->lane][message->state]++;
    books->bytes[message->lane][message->state] += (int64_t)message->content_bytes;
    return true;
}

static void check_books(struct world *world)
{
    static const struct outbox_filter everything = { .thread = -1, .uid = -1, .priority = -1 };
    struct books books = { 0 };
    int64_t after = 0;
    do
        after = outbox_list(world->outbox, &everything, after, 1000, book, &books);
    while (after);
    for (lane_id lane = 0; lane < LANES; lane++)
        for (enum message_state state = MESSAGE_SCHEDULED; state <= MESSAGE_DEAD; state++) {
            struct tally_sum sum = tally_sum(outbox_tally(world->outbox), lane, TALLY_ANY, state);
            if (sum.messages != books.messages[lane][state] ||
                sum.bytes != books.bytes[lane][state])
                fail(world, "the books say %" PRId64 " %s in lane %" PRId64 ", there are %" PRId64,
                     sum.messages, message_state_name(state), lane, books.messages[lane][state]);
        }
}

/* What waits in the innocent thread must be under way, unless in doubt or paced. */
static void check_innocent(struct world *world)
{
    struct head head = { 0 };
    int64_t thread = outbox_thread(world->outbox, "t0");
    lane_id lane = lane_of(thread, PRIORITY_NORMAL);
    msec_t paced_until_at = msec_max(world->started_steady_at, world->innocent_steady_at) + 90000;
    if (world->now.steady_at < paced_until_at)
        return;
    if (outbox_heads(world->outbox, lane, 0, &head, 1) && !head.doubted_at &&
        !world->lane_busy[lane])
        fail(world, "message %" PRId64 " of the innocent thread was held up by others", head.id);
}

static void check_worth(struct world *world, const struct message *message)
{
    if (message->expires_at && message->expires_at <= world->now.at)
        fail(world, "message %" PRId64 " goes though it is worthless", message->id);
}

/* Each of its messages is in it and nowhere else, and was worth sending when it was composed. */
static void check_digest(struct world *world, const struct message *digest)
{
    struct note *note = NULL, *own = note_of(world, digest->stamp);
    struct reading reading = reading_of(digest);
    int64_t count = 0;
    bool is_new = own == &world->digests[world->digest_count];
    world->digest_count += is_new;
    while ((note = next_note(world, &reading))) {
        struct message original;
        own->id = digest->id;
        own->lane = digest->lane;
        own->on_doubt = note->on_doubt;
        note->under_way = true;
        count++;
        if (!outbox_load(world->outbox, note->id, &original))
            continue;
        if (original.state != MESSAGE_FOLDED || original.into_id != digest->id)
            fail(world, "message %" PRId64 " is in digest %" PRId64 ", and is %s", note->id,
                 digest->id, message_state_name(original.state));
        if (is_new)
            check_worth(world, &original);
        note->rank = original.rank;
        message_clear(&original);
    }
    if (count != digest->fold_count || count < 2 || count > world->program->scene.digest.messages)
        fail(world, "digest %" PRId64 " says it has %" PRId64 " messages, it has %" PRId64,
             digest->id, digest->fold_count, count);
    if (digest->content_bytes > (size_t)world->program->scene.digest.limit)
        fail(world, "digest %" PRId64 " is too long", digest->id);
    world->result->digests += is_new;
}

static void check_send(struct world *world, const struct message *message)
{
    struct head head = { 0 };
    outbox_heads(world->outbox, message->lane, 0, &head, 1);
    if (head.id != message->id)
        fail(world, "message %" PRId64 " goes before %" PRId64, message->id, head.id);
    if (message->kind == MESSAGE_DIGEST)
        check_digest(world, message);
    else
        check_worth(world, message);
    note_of_message(world, message)->rank = message->rank;
    note_of_message(world, message)->under_way = true;
    say(world, "message %" PRId64 " of lane %" PRId64 " begins", message->id, message->lane);
}

/* What is known to be sent, or to be anything else, is not looked for: it would be doubted anew. */
static void check_sought(struct world *world, const struct note *note)
{
    CLEANUP(message_clear) struct message message = { 0 };
    if (outbox_load(world->outbox, note->id, &message) &&
        (message.state != MESSAGE_PENDING || !message.doubted_at))
        fail(world, "message %" PRId64 " is looked for, and is %s", note->id,
             message_state_name(message.state));
}

/* What took its place, if anything did. */
static struct note *note_of_sought(struct world *world, const char *stamp)
{
    CLEANUP(message_clear) struct message whole = { 0 };
    struct note *note = note_of(world, stamp);
    if (is_of_digest(stamp) ||
        !outbox_load_whole(world->outbox, &(struct message){ .id = note->id }, &whole))
        return note;
    return note_of_message(world, &whole);
}

static void check_work(struct world *world, const struct work *work)
{
    if (outbox_failure(world->outbox))
        return;
    if (work->kind == WORK_SEND) {
        lane_id lane = work->parcel.message->lane;
        check_send(world, work->parcel.message);
        if (world->lane_busy[lane])
            fail(world, "two of lane %" PRId64 " are under way", lane);
        world->lane_busy[lane] = true;
        if (strcmp(work->parcel.sender, "s0") == 0)
            world->innocent_steady_at = world->now.steady_at;
        world->result->attempts++;
        return;
    }
    if (work->kind == WORK_INSPECT) {
        say(world, "thread %s is asked about itself", work->inspection.thread);
        return;
    }
    for (size_t i = 0; i < work->look.count; i++) {
        lane_id lane = note_of_sought(world, work->look.stamps[i])->lane;
        check_sought(world, note_of_sought(world, work->look.stamps[i]));
        if (world->lane_busy[lane])
            fail(world, "lane %" PRId64 " is looked for while it sends", lane);
        say(world, "a look for message %" PRId64 " begins, from %" PRId64,
            note_of_sought(world, work->look.stamps[i])->id, work->look.since_at);
    }
    for (size_t i = 0; i < work->look.count; i++)
        world->lane_busy[note_of_sought(world, work->look.stamps[i])->lane] = true;
    world->result->looks++;
}

/* ---- events --------------------------------------------------------------------------------- */

/* What waits under its name gives its place up. */
static void take_in(struct world *world, struct message *message, struct note *note)
{
    struct message older;
    if (fold_find(world->outbox, message, &older)) {
        dispatcher_replace(world->dispatcher, message, &older, world->now);
        note->released = note_of_message(world, &older)->released;
        say(world, "message %" PRId64 " takes the place of %" PRId64, message->id, older.id);
    } else {
        outbox_add(world->outbox, message);
        dispatcher_added(world->dispatcher, message, world->now);
    }
    message_clear(&older);
}

/* True when the key is another message's. One that has it for long gives it up, as to the relay. */
static bool is_key_taken(struct world *world, int64_t uid, const char *once)
{
    enum { WINDOW_MS = 10000 };
    CLEANUP(message_clear) struct message first = { 0 };
    if (!outbox_find_once(world->outbox, uid, once, &first))
        return false;
    if (world->now.at - first.accepted_at <= WINDOW_MS)
        return true;
    outbox_forget_once(world->outbox, first.id);
    return false;
}

static void offer(struct world *world, const struct sim_event *event)
{
    char thread[24], fold[24], content[40], once[] = "daily";
    if (world->note_count == MOST_MESSAGES)
        return;
    snprintf(thread, sizeof thread, "t%d", event->target);
    snprintf(fold, sizeof fold, "f%d", event->fold);
    snprintf(content, sizeof content, "disk full #%zu", world->note_count);
    struct message message = {
        .lane = lane_of(outbox_thread(world->outbox, thread), event->priority),
        .state = event->delay_ms ? MESSAGE_SCHEDULED : MESSAGE_PENDING,
        .accepted_at = world->now.at,
        .due_at = event->delay_ms ? world->now.at + event->delay_ms : 0,
        .expires_at = event->ttl_ms ? world->now.at + event->delay_ms + event->ttl_ms : 0,
        .uid = event->target,
        .once = is_key_taken(world, event->target, once) ? NULL : once,
        .fold = event->fold && random_percent(&world->random, 50) ? fold : NULL,
        .content = content,
        .content_bytes = strlen(content),
    };
    struct note note = { 0 };
    snprintf(message.stamp, sizeof message.stamp, "%032zx", world->note_count);
    take_in(world, &message, &note);
    if (outbox_failure(world->outbox))
        return;
    int poison_percent = event->target ? world->program->scene.poison_percent : 0;
    note.id = message.id;
    note.lane = message.lane;
    note.on_doubt = world->program->scene.routes[event->target].on_doubt;
    note.poison = random_percent(&world->random, poison_percent);
    world->notes[world->note_count++] = note;
}

static const char *name_of(enum message_kind kind)
{
    return kind == MESSAGE_UPDATE ? "edited" : "taken back";
}

/* Change a message: its number says which edit it was. */
static void change(struct world *world, enum message_kind kind, int64_t id)
{
    struct message target;
    char content[60], user[] = "ada";
    if (world->note_count == MOST_MESSAGES || !outbox_load(world->outbox, id, &target))
        return;
    size_t about = (size_t)(note_of_message(world, &target) - world->notes);
    if (about >= MOST_MESSAGES) {
        message_clear(&target);
        return; /* a digest: that cannot be changed */
    }
    snprintf(content, sizeof content, "disk full #%zu edit %d", about, ++world->edits);
    struct message message = { .kind = kind,
                               .accepted_at = world->now.at,
                               .uid = target.uid,
                               .user = user,
                               .content = kind == MESSAGE_UPDATE ? content : NULL };
    message.content_bytes = message.content ? strlen(content) : 0;
    snprintf(message.stamp, sizeof message.stamp, "%032zx", world->note_count);
    enum change_verdict verdict =
        dispatcher_change(world->dispatcher, &message, &target, world->now);
    say(world, "message %" PRId64 " is to be %s (%s): %d, by %" PRId64, id, name_of(kind), content,
        (int)verdict, message.id);
    message_clear(&target);
    if (verdict == CHANGE_GOES && !outbox_failure(world->outbox))
        world->notes[world->note_count++] =
            (struct note){ .id = message.id, .lane = message.lane, .kind = kind, .target = about };
}

struct picked {
    struct world *world;
    int64_t ids[MOST_MESSAGES];
    size_t count;
    int percent;
};

static bool pick(void *context, const struct message *message)
{
    struct picked *picked = context;
    if (random_percent(&picked->world->random, picked->percent))
        picked->ids[picked->count++] = message->id;
    return true;
}

static void control(struct world *world, enum control control, int64_t id)
{
    struct message message;
    if (!outbox_load(world->outbox, id, &message))
        return;
    bool comes_late = control == CONTROL_RELEASE && message.state == MESSAGE_HELD;
    if (control == CONTROL_RETRY && message.kind == MESSAGE_DIGEST)
        comes_late = true; /* at the end of its lane, what is in it keeps its rank */
    struct reading reading = reading_of(&message);
    struct note *note = NULL;
    while (comes_late && (note = next_note(world, &reading)))
        note->released = true;
    dispatcher_control(world->dispatcher, control, &message, "root", world->now);
    say(world, "message %" PRId64 " is %s, wish: %s", message.id, message_state_name(message.state),
        message.wish ? message.wish : "none");
    message_clear(&message);
}

/* Hands on so many percent of the messages in these states of a thread, or of all for -1. */
static void control_some(struct world *world, enum control what, int thread, unsigned states,
                         int percent)
{
    static struct picked picked;
    char name[24];
    snprintf(name, sizeof name, "t%d", thread);
    struct outbox_filter filter = { .thread = -1, .uid = -1, .states = states, .priority = -1 };
    if (thread >= 0)
        filter.thread = outbox_thread(world->outbox, name);
    picked = (struct picked){ .world = world, .percent = percent };
    outbox_list(world->outbox, &filter, 0, MOST_MESSAGES, pick, &picked);
    for (size_t i = 0; i < picked.count; i++)
        control(world, what, picked.ids[i]);
}

static void change_some(struct world *world, enum message_kind kind, int thread)
{
    static struct picked picked;
    char name[24];
    snprintf(name, sizeof name, "t%d", thread);
    const struct outbox_filter filter = { .thread = outbox_thread(world->outbox, name),
                                          .uid = -1,
                                          .priority = -1 };
    picked = (struct picked){ .world = world, .percent = 20 };
    outbox_list(world->outbox, &filter, 0, MOST_MESSAGES, pick, &picked);
    for (size_t i = 0; i < picked.count; i++)
        change(world, kind, picked.ids[i]);
}

static void pause_thread(struct world *world, int thread, msec_t until_at)
{
    char name[24];
    snprintf(name, sizeof name, "t%d", thread);
    dispatcher_pause(world->dispatcher, outbox_thread(world->outbox, name), until_at, world->now);
}

static void break_storage(struct world *world, enum sim_crash_kind kind)
{
    static const enum outbox_breakage breakages[SIM_CRASH_KINDS] = {
        [CRASH_COMMIT_UNDONE] = BREAK_COMMIT,
        [CRASH_COMMIT_GONE] = BREAK_COMMIT_GONE,
        [CRASH_COMMIT_KEPT] = BREAK_COMMIT_KEPT,
        [CRASH_CHANGE] = BREAK_CHANGE,
        [CRASH_READ] = BREAK_READ,
    };
    outbox_memory_break(world->disk, breakages[kind]);
}

static void apply(struct world *world, const struct sim_event *event)
{
    struct sim_route *route = &world->routes[event->target];
    switch (event->kind) {
    case EVENT_SEND:
        for (int i = 0; i < event->count && !route->removed; i++)
            offer(world, event);
        return;
    case EVENT_SPELL:
        sim_chat_spell(world->chat, event, world->now.steady_at);
        return;
    case EVENT_CRASH:
        world->now.at += event->set_ms;
        world->crash = event->detail;
        world->away_ms = event->lasts_ms;
        break_storage(world, (enum sim_crash_kind)event->detail);
        return;
    case EVENT_REMOVE:
        route->removed = !route->removed;
        break;
    case EVENT_MOVE:
        route->place = event->detail;
        break;
    case EVENT_OTHER_SENDER:
        route->sender = event->detail;
        break;
    case EVENT_PACE:
        world->pace_percent = event->detail;
        break;
    case EVENT_HOLD:
        control_some(world, CONTROL_HOLD, event->target, control_states(CONTROL_HOLD), 50);
        return;
    case EVENT_RELEASE:
        control_some(world, CONTROL_RELEASE, -1, control_states(CONTROL_RELEASE), 100);
        return;
    case EVENT_CANCEL:
        control_some(world, CONTROL_CANCEL, event->target, control_states(CONTROL_CANCEL), 20);
        return;
    case EVENT_RETRY:
        control_some(world, CONTROL_RETRY, event->target, control_states(CONTROL_RETRY), 50);
        return;
    case EVENT_EDIT:
        change_some(world, MESSAGE_UPDATE, event->target);
        return;
    case EVENT_UNSEND:
        change_some(world, MESSAGE_DELETE, event->target);
        return;
    case EVENT_PAUSE:
        pause_thread(world, event->target, world->now.at + event->lasts_ms);
        return;
    case EVENT_FLUSH:
        dispatcher_flush(world->dispatcher, -1, world->now);
        return;
    case EVENT_CLOCK:
        world->now.at += event->set_ms;
        return;
    }
    configure(world);
}

/* When the program is through, all is well and everything has to come to its end. */
static void become_calm(struct world *world)
{
    world->calm = true;
    sim_chat_calm(world->chat);
    memcpy(world->routes, world->program->scene.routes, sizeof world->routes);
    world->pace_percent = 100;
    configure(world);
    /* What is held, and what is wished to be. */
    control_some(world, CONTROL_RELEASE, -1, control_states(CONTROL_HOLD) | 1U << MESSAGE_HELD,
                 100);
}

static void apply_events(struct world *world)
{
    const struct sim_program *program = world->program;
    while (world->next_event < program->count && world->crash < 0 &&
           program->events[world->next_event].at_ms <= world->now.steady_at)
        apply(world, &program->events[world->next_event++]);
    if (world->next_event == program->count && world->crash < 0 && !world->calm)
        become_calm(world);
}

/* ---- the turn ------------------------------------------------------------------------------- */

static void end_note(struct note *note, bool is_lost)
{
    note->under_way = false;
    if (is_lost)
        lose_answer(note);
}

static void on_settled(void *context, const struct settlement *settlement)
{
    struct world *world = context;
    const struct message *message = settlement->message;
    bool is_lost = settlement->attempt && settlement->delivery->outcome == OUTCOME_DOUBT;
    world->lane_busy[message->lane] = false;
    end_note(note_of_message(world, message), is_lost);
    struct reading reading = reading_of(message);
    for (struct note *note = NULL; (note = next_note(world, &reading));) {
        end_note(note, is_lost);
        if (message->state == MESSAGE_SENT && note->taken == 0 && !message_kind_repeats(note->kind))
            fail(world, "message %" PRId64 " is called sent, and the chat never took it", note->id);
    }
    say(world, "message %" PRId64 " is %s%s after a %s: %d %s", message->id,
        message_state_name(message->state), message->doubted_at ? " in doubt" : "",
        settlement->attempt ? "send" : "look", settlement->delivery->http,
        settlement->delivery->code);
}

static void on_moved(void *context, const struct message *message)
{
    struct world *world = context;
    const struct note *note = note_of_message(world, message);
    if (outbox_failure(world->outbox))
        return; /* it has not moved */
    if (message_kind_repeats(note->kind)) {
        if (message->state == MESSAGE_SENT || message->state == MESSAGE_EXPIRED)
            fail(world, "change %" PRId64 " ended by itself as if it were done", message->id);
    } else if (message->state == MESSAGE_HELD) {
        if (note->on_doubt == ON_DOUBT_LOOK && message->doubted_at)
            fail(world, "message %" PRId64 " is held, and nobody wanted that", message->id);
    } else if (message->state == MESSAGE_SENT) {
        if (note->taken == 0)
            fail(world, "message %" PRId64 " is called sent, and is not there", message->id);
    } else if (message->state == MESSAGE_CANCELLED) {
        say(world, "message %" PRId64 " is cancelled, as was wished", message->id);
    } else if (message->state == MESSAGE_EXPIRED &&
               (!message->expires_at || message->expires_at > world->now.at))
        fail(world, "message %" PRId64 " expired too soon", message->id);
}

static void read_ends(struct world *world)
{
    static struct sim_end end;
    sim_chat_run(world->chat, world->now.steady_at);
    while (sim_chat_end(world->chat, world->now, &end)) {
        uint32_t dice = (uint32_t)random_bits(&world->random);
        if (end.kind == WORK_LOOK)
            dispatcher_settle_look(world->dispatcher, end.tag, &end.findings, world->now, dice,
                                   on_settled, world);
        else if (end.kind == WORK_INSPECT)
            dispatcher_settle_inspection(world->dispatcher, end.tag, &end.inspected, world->now,
                                         dice);
        else
            dispatcher_settle(world->dispatcher, end.tag, &end.delivery, world->now, dice,
                              on_settled, world);
    }
}

/* The commit is through: now the request may leave. */
static void let_out(void *context, enum outbox_commit how)
{
    struct work *work = context;
    struct world *world = work->carrier;
    if (how != OUTBOX_COMMITTED)
        return;
    if (work->kind == WORK_SEND)
        sim_chat_send(world->chat, &work->parcel, work, world->now);
    else if (work->kind == WORK_INSPECT)
        sim_chat_inspect(world->chat, &work->inspection, work, world->now);
    else
        sim_chat_look(world->chat, &work->look, work, world->now);
}

/* As the scene numbers them; -1 while the outbox cannot be read. */
static int thread_of(struct world *world, lane_id lane)
{
    CLEANUP(free_memory) char *name = NULL;
    bool found = outbox_thread_name(world->outbox, lane_thread(lane), &name);
    return found ? (int)strtol(name + 1, NULL, 10) : -1;
}

/* What the relay says itself is accepted like any other: in the turn that it is made in. */
static void take_reports(struct world *world)
{
    struct message report;
    char stamp[STAMP_LENGTH + 1];
    for (;;) {
        snprintf(stamp, sizeof stamp, "%032zx", world->note_count);
        if (world->note_count == MOST_MESSAGES ||
            !dispatcher_report(world->dispatcher, world->now, stamp, &report))
            return;
        say(world, "message %" PRId64 " of lane %" PRId64 ": %s", report.id, report.lane,
            report.content);
        int thread = thread_of(world, report.lane);
        if (thread == 0)
            fail(world, "the innocent thread is told of a storm");
        if (thread >= 0 && !outbox_failure(world->outbox))
            world->notes[world->note_count++] =
                (struct note){ .id = report.id,
                               .lane = report.lane,
                               .on_doubt = world->program->scene.routes[thread].on_doubt };
        message_clear(&report);
    }
}

/* Somebody asks how things are. Whatever is under way, that must change nothing. */
static void ask_why(struct world *world)
{
    char name[24];
    for (size_t i = 0; i < world->program->scene.threads; i++) {
        snprintf(name, sizeof name, "t%zu", i);
        dispatcher_diagnose(world->dispatcher, outbox_thread(world->outbox, name), world->now);
    }
}

/* Returns how long until there may be more. */
static msec_t dispatch(struct world *world)
{
    msec_t again_ms = 0;
    struct work *work = NULL;
    char stamp[STAMP_LENGTH + 1];
    bool more = dispatcher_tend(world->dispatcher, world->now, 5, on_moved, world);
    take_reports(world);
    snprintf(stamp, sizeof stamp, "%032zx", MOST_MESSAGES + world->digest_count);
    while ((work = dispatcher_next(world->dispatcher, world->now, stamp, &again_ms))) {
        check_work(world, work);
        work->carrier = world;
        turn_defer(world->turn, let_out, work);
        snprintf(stamp, sizeof stamp, "%032zx", MOST_MESSAGES + world->digest_count);
    }
    if (random_percent(&world->random, 20))
        ask_why(world);
    if (!outbox_failure(world->outbox))
        check_innocent(world);
    return more ? 0 : again_ms;
}

static void end_turn(struct world *world)
{
    bool committed = false;
    struct error err;
    if (world->crash == CRASH_AFTER_COMMIT)
        committed = outbox_commit(world->outbox, &err) == OUTBOX_COMMITTED;
    else
        committed = turn_end(world->turn, world->outbox, &err) == OUTBOX_COMMITTED;
    if (committed)
        settle_notes(world, true);
    else if (world->crash < 0)
        fail(world, "the outbox fails, and nobody broke it: %s", err.text);
    if (!committed || world->crash >= 0)
        restart(world);
}

static int64_t live(const struct world *world)
{
    const struct tally *tally = outbox_tally(world->outbox);
    return tally_sum(tally, TALLY_ANY, TALLY_ANY, MESSAGE_SCHEDULED).messages +
           tally_sum(tally, TALLY_ANY, TALLY_ANY, MESSAGE_PENDING).messages +
           tally_sum(tally, TALLY_ANY, TALLY_ANY, MESSAGE_HELD).messages;
}

/* What was in doubt at the end is held, where the settings want that. True when there was any. */
static bool release_held(struct world *world)
{
    int64_t held =
        tally_sum(outbox_tally(world->outbox), TALLY_ANY, TALLY_ANY, MESSAGE_HELD).messages;
    control_some(world, CONTROL_RELEASE, -1, control_states(CONTROL_RELEASE), 100);
    return held > 0;
}

/* Go on to where something happens next. */
static bool pass_time(struct world *world, msec_t again_ms)
{
    msec_t next_at = msec_add(world->now.steady_at, again_ms);
    next_at = msec_min(next_at, sim_chat_next_at(world->chat));
    if (world->next_event < world->program->count)
        next_at = msec_min(next_at, world->program->events[world->next_event].at_ms);
    if (next_at == MSEC_NEVER && world->calm && release_held(world))
        return true;
    if (next_at == MSEC_NEVER)
        return fail(world, "nothing moves, and %" PRId64 " messages wait", live(world));
    msec_t step_ms = msec_max(next_at - world->now.steady_at, 0);
    world->turns_at_once = step_ms ? 0 : world->turns_at_once + 1;
    if (world->turns_at_once > MOST_TURNS_AT_ONCE)
        return fail(world, "it turns and turns, and no time passes");
    world->now.at += step_ms;
    world->now.steady_at += step_ms;
    return true;
}

static bool take_turn(struct world *world)
{
    read_ends(world);
    apply_events(world);
    msec_t again_ms = dispatch(world);
    bool crashed = world->crash >= 0;
    end_turn(world);
    if (++world->result->turns % 128 == 0 || crashed)
        check_books(world);
    if (world->result->turns > MOST_TURNS)
        return fail(world, "no end of it");
    if (world->result->failure[0] || (world->calm && live(world) == 0))
        return false;
    return crashed || pass_time(world, again_ms);
}

/* ---- the verdict ---------------------------------------------------------------------------- */

/* The digest that a message went into; false when it did not, or by way of another. */
static bool load_digest(struct world *world, const struct message *message, struct message *digest)
{
    *digest = (struct message){ 0 };
    if (message->state != MESSAGE_FOLDED)
        return false;
    bool found = outbox_load(world->outbox, message->into_id, digest);
    if (found && digest->kind == MESSAGE_DIGEST)
        return true;
    message_clear(digest);
    return false;
}

/* The message that goes for one whose name was used again: itself when it was not. */
static bool load_latest(struct world *world, const struct message *message, struct message *latest)
{
    struct message digest;
    bool found = outbox_load(world->outbox, message->id, latest);
    while (found && latest->state == MESSAGE_FOLDED && !load_digest(world, latest, &digest)) {
        int64_t into_id = latest->into_id;
        message_clear(latest);
        found = outbox_load(world->outbox, into_id, latest);
    }
    if (found && latest->state == MESSAGE_FOLDED)
        message_clear(&digest);
    return found;
}

/* It went into one that has an end of its own. */
static bool is_folded_well(struct world *world, const struct message *message)
{
    struct message whole, latest;
    bool right = outbox_load_whole(world->outbox, message, &whole) &&
                 message_state_is_final(whole.state) && whole.state != MESSAGE_FOLDED;
    if (right && load_latest(world, message, &latest)) {
        note_of_message(world, &latest)->stands_for++;
        message_clear(&latest);
    }
    message_clear(&whole);
    return right;
}

/* One of its changes ended, and says itself that it may have been done. */
static bool is_change_doubtful(struct world *world, const struct note *note)
{
    bool doubtful = false;
    for (const struct note *change = world->notes; change < world->notes + world->note_count;
         change++) {
        struct message row;
        if (!message_kind_repeats(change->kind) || &world->notes[change->target] != note ||
            change->state != NOTE_ACCEPTED || !outbox_load(world->outbox, change->id, &row))
            continue;
        doubtful = doubtful || row.doubted_at;
        message_clear(&row);
    }
    return doubtful;
}

/* What a sent message shows is what its row says, and what its latest change made of it. */
static void judge_content(struct world *world, const struct note *note,
                          const struct message *message)
{
    int shown = sim_chat_shows(world->chat, message->stamp, message->remote_id);
    int wanted =
        message->verified == MESSAGE_TAKEN_BACK ? SIM_DELETED : sim_chat_number(message->content);
    int64_t latest_rank = 0;
    bool reordered = false; /* a change was held, and others went before it */
    if (note->taken != 1 || is_change_doubtful(world, note))
        return;
    if (shown != wanted)
        fail(world, "message %" PRId64 " shows %d, its row says %d", note->id, shown, wanted);
    for (const struct note *change = world->notes; change < world->notes + world->note_count;
         change++) {
        struct message row;
        if (!message_kind_repeats(change->kind) || &world->notes[change->target] != note ||
            change->state != NOTE_ACCEPTED || !outbox_load(world->outbox, change->id, &row))
            continue;
        reordered = reordered || change->released;
        if (row.state == MESSAGE_SENT && row.rank > latest_rank && wanted != SIM_DELETED) {
            latest_rank = row.rank;
            wanted = row.kind == MESSAGE_DELETE ? SIM_DELETED : sim_chat_number(row.content);
        }
        message_clear(&row);
    }
    if (shown != wanted && !reordered)
        fail(world, "message %" PRId64 " shows %d, its latest change was to %d", note->id, shown,
             wanted);
}

static void judge_change(struct world *world, const struct message *message)
{
    world->result->changes += message->state == MESSAGE_SENT;
    if (message->state != MESSAGE_SENT && message->state != MESSAGE_CANCELLED &&
        (message->state != MESSAGE_DEAD || !message->reason))
        fail(world, "change %" PRId64 " ended %s", message->id, message_state_name(message->state));
}

static void judge_note(struct world *world, const struct note *note, const struct message *message)
{
    CLEANUP(message_clear) struct message digest = { 0 };
    if (load_digest(world, message, &digest))
        message = &digest; /* its end is the message's */
    enum message_state state = message->state;
    if (message_kind_repeats(message->kind)) {
        judge_change(world, message);
        return;
    }
    if (state == MESSAGE_SENT && message->kind == MESSAGE_SEND)
        judge_content(world, note, message);
    bool right = state == MESSAGE_SENT ? note->taken > 0 : note->taken == 0;
    if (note->taken > 0 && note->astray && message->doubted_at)
        right = true; /* it says itself that it may have appeared */
    if (state == MESSAGE_FOLDED)
        right = right && is_folded_well(world, message);
    else if (state == MESSAGE_SENT)
        right = right && message->remote_id && message->remote_id[0];
    else if (state == MESSAGE_DEAD)
        right = right && (note->poison || note->wronged > 1) && message->reason;
    else if (state == MESSAGE_EXPIRED)
        right = right && message->expires_at && message->expires_at <= message->ended_at;
    else
        right = right && state == MESSAGE_CANCELLED && !message_is_unfolded(message);
    if (!right)
        fail(world, "message %" PRId64 " ended %s, and the chat took it %d times", note->id,
             message_state_name(state), note->taken);
    world->result->sent += state == MESSAGE_SENT;
}

/* Nobody is counted twice, and nobody is forgotten. */
static void judge_folds(struct world *world)
{
    for (const struct note *note = world->notes; note < world->notes + world->note_count; note++) {
        struct message message;
        if (note->state != NOTE_ACCEPTED || !outbox_load(world->outbox, note->id, &message))
            continue;
        struct message digest;
        bool goes = message.state != MESSAGE_FOLDED || load_digest(world, &message, &digest);
        if (goes && message.state == MESSAGE_FOLDED)
            message_clear(&digest);
        if (goes && message.fold_count != note->stands_for)
            fail(world, "message %" PRId64 " stands for %" PRId64 " others, it says %" PRId64,
                 note->id, note->stands_for, message.fold_count);
        message_clear(&message);
    }
}

static void judge(struct world *world)
{
    for (const struct note *note = world->notes; note < world->notes + world->note_count; note++) {
        struct message message;
        if (note->state != NOTE_ACCEPTED) {
            if (note->taken)
                fail(world, "a message that was never accepted is in the chat");
            continue;
        }
        if (!is_stored(world, note) || !outbox_load(world->outbox, note->id, &message)) {
            fail(world, "message %" PRId64 " is gone", note->id);
            continue;
        }
        judge_note(world, note, &message);
        message_clear(&message);
    }
    judge_folds(world);
    check_books(world);
    size_t overspent = sim_chat_overspent(world->chat);
    if (overspent)
        fail(world, "windows were overspent by %zu", overspent);
}

void sim_world_play(const struct sim_program *program, struct sim_result *result, FILE *trace)
{
    struct world *world = xcalloc(1, sizeof *world);
    *result = (struct sim_result){ .failure = "" };
    world->program = program;
    world->result = result;
    world->trace = trace;
    world->random.state = program->seed ^ 0x5eed;
    world->now = (struct moment){ .at = 1700000000000, .steady_at = 0 };
    world->crash = -1;
    world->pace_percent = 100;
    memcpy(world->routes, program->scene.routes, sizeof world->routes);
    const struct sim_chat_setup setup = { .scene = &program->scene,
                                          .random = &world->random,
                                          .taken = on_taken,
                                          .poisonous = is_poisonous,
                                          .wronged = on_wronged,
                                          .context = world };
    world->chat = sim_chat_new(&setup);
    world->disk = outbox_disk_new();
    open_floor(world);
    while (take_turn(world))
        continue;
    if (!result->failure[0])
        judge(world);
    result->lasted_ms = world->now.steady_at;
    close_floor(world);
    sim_chat_free(world->chat);
    outbox_disk_free(world->disk);
    free(world);
}
