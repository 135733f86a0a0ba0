/*
 * sim_chat.h - a chat service, the network to it, and the weather, in virtual time
 *
 * A request arrives at the service at one instant and ends for us at another,
 * in either order or not at all. The service counts every request that arrives,
 * keeps what it takes, and shows it in lists a little later.
 *
 *      start        arrives         ends
 *        |-------------|--------------|            as it should be
 *        |-------------|-   (lost)                 ends by a time-out
 *        |-------------------------|  arrives      given up, and late
 */
#ifndef CHATRELAY_TESTS_UNIT_QUEUE_SIM_CHAT_H
#define CHATRELAY_TESTS_UNIT_QUEUE_SIM_CHAT_H

#include "queue/dispatcher.h"
#include "tests/unit/queue/sim_program.h"

struct sim_chat;

struct sim_chat_setup {
    const struct sim_scene *scene; /* borrowed, as is `random` */
    struct random *random;
    /* Called when the chat takes a message, with its stamp and what people read there. */
    void (*taken)(void *context, const char *stamp, const char *content, int place);
    /* Is this message one that it will never take? */
    bool (*poisonous)(void *context, const char *stamp, const char *content);
    /* Called when it answers 400 though nothing is wrong with the message. */
    void (*wronged)(void *context, const char *stamp, const char *content);
    void *context;
};

struct sim_chat *sim_chat_new(const struct sim_chat_setup *setup);
void sim_chat_free(struct sim_chat *chat);

/* Names as they are in the settings and in parcels. */
void sim_chat_endpoint_name(int endpoint, char name[40]);
void sim_chat_place_name(int place, char name[40]);
void sim_chat_sender_name(int sender, char name[40]);

/* A spell of bad weather begins. */
void sim_chat_spell(struct sim_chat *chat, const struct sim_event *event, msec_t now_ms);

/* From now on all is well. */
void sim_chat_calm(struct sim_chat *chat);

/* Start a request. `tag` comes back with its end. Times are `steady`. */
void sim_chat_send(struct sim_chat *chat, const struct parcel *parcel, void *tag,
                   struct moment now);
void sim_chat_look(struct sim_chat *chat, const struct look *look, void *tag, struct moment now);

/* Another machine has sent this message. */
void sim_chat_post(struct sim_chat *chat, int place, const struct message *message, msec_t now_ms);

void sim_chat_inspect(struct sim_chat *chat, const struct inspection *inspection, void *tag,
                      struct moment now);

/* The relay is gone: nobody waits for what is under way, some of which still arrives. */
void sim_chat_abandon(struct sim_chat *chat, msec_t now_ms);

/* Let everything arrive that does by now. */
void sim_chat_run(struct sim_chat *chat, msec_t now_ms);

/* One request that has ended by now: its tag and its end. False when there is none. */
struct sim_end {
    void *tag;
    enum work_kind kind;
    struct delivery delivery;
    struct findings findings;
    struct inspected inspected;
};
bool sim_chat_end(struct sim_chat *chat, struct moment now, struct sim_end *end);

/* When something happens next. */
msec_t sim_chat_next_at(const struct sim_chat *chat);

/* Requests that somebody waits for. */
size_t sim_chat_under_way(const struct sim_chat *chat);

/*
 * What the chat shows of a message: the number at the end of its content, 0 for
 * none, or -1 when it was deleted; -2 when it never had it.
 */
enum { SIM_DELETED = -1, SIM_UNKNOWN = -2 };
int sim_chat_shows(const struct sim_chat *chat, const char *stamp, const char *remote_id);

/* The number at the end of a content, 0 for none. */
int sim_chat_number(const char *content);

/* Windows of the service that were overspent since the last call. */
size_t sim_chat_overspent(struct sim_chat *chat);

#endif
