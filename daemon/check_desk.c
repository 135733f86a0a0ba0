#include "daemon/check_desk.h"

#include "base/memory.h"
#include "daemon/checkup.h"
#include "daemon/member.h"
#include "daemon/token_view.h"
#include "wire/answer.h"

#include <stdlib.h>
#include <string.h>

/* Each is compared with each thread, every turn. Others than one user shall find room. */
enum { MOST_CHECKINGS = 64, MOST_OF_USER = MOST_CHECKINGS / 2 };

/* Somebody who asked. */
struct checking {
    struct desk *desk;
    struct wait *wait; /* NULL: nobody waits any more */
    int64_t *threads;
    size_t count;
    bool sees_tokens;
    char *sender;       /* whose token alone; NULL: all */
    int64_t after_look; /* the latest when they asked */
    struct checking *next;
};

/* ---- those who asked ------------------------------------------------------------------------- */

static void checking_free(struct checking *checking)
{
    if (checking->wait)
        checking->wait->known_as = NULL;
    free(checking->threads);
    free(checking->sender);
    free(checking);
}

static bool is_done(const struct checking *checking)
{
    for (size_t i = 0; i < checking->count; i++)
        if (!checkup_is_done(checking->desk, checking->threads[i], checking->after_look))
            return false;
    return true;
}

static void answer(const struct checking *checking)
{
    const struct desk *desk = checking->desk;
    struct wait *wait = checking->wait;
    json_t *threads = json_array();
    enum level worst = LEVEL_WELL;
    for (size_t i = 0; i < checking->count; i++)
        checkup_add(desk, checking->threads[i], threads, &worst);
    json_t *members = json_pack("{s:o}", "threads", threads);
    if (checking->sees_tokens)
        json_object_set_new(members, "tokens", token_view_all(desk, checking->sender, &worst));
    member_text(members, "level", level_name(worst));
    desk_name_time_zone(desk, members);
    answer_json(peer_end_wait(wait, desk->floor->turn), members, wait->ref);
    json_decref(members);
}

void check_desk_review(struct desk *desk)
{
    struct checking **link = &desk->checkings, *checking = NULL;
    while ((checking = *link)) {
        if (checking->wait && !is_done(checking)) {
            link = &checking->next;
            continue;
        }
        *link = checking->next;
        if (checking->wait)
            answer(checking);
        checking_free(checking);
    }
}

bool check_desk_awaits(const struct desk *desk, int64_t thread, int64_t look)
{
    for (const struct checking *checking = desk->checkings; checking; checking = checking->next)
        for (size_t i = 0; i < checking->count; i++)
            if (checking->threads[i] == thread && look <= checking->after_look)
                return true;
    return false;
}

void check_desk_clear(struct desk *desk)
{
    while (desk->checkings) {
        struct checking *checking = desk->checkings;
        desk->checkings = checking->next;
        checking_free(checking);
    }
}

/* ---- the operation --------------------------------------------------------------------------- */

/* What is asked about: one thread, or all of a sender, or all. */
struct scene {
    const struct directory_thread *thread; /* or NULL */
    const char *sender;                    /* or NULL */
};

/* What bears a thread's name and a sender's is the thread. */
static bool set_scene(struct scene *scene, const struct desk *desk, const struct request *request,
                      struct refusal *refusal)
{
    *scene = (struct scene){ .sender = request->sender };
    if (request->sender && !token_view_knows(desk, request->sender))
        return refusal_set(refusal, REFUSAL_INVALID, "sender",
                           "there is no sender \"%.64s\" in the settings", request->sender);
    if (!request->thread)
        return true;
    scene->thread = directory_find(desk->directory, request->thread);
    if (scene->thread) {
        scene->sender = scene->thread->settings->sender_name;
        return true;
    }
    scene->sender = request->thread;
    return token_view_knows(desk, request->thread) ||
           directory_refuse_unknown(desk->directory, "thread or sender", request->thread, "thread",
                                    refusal);
}

static bool is_meant(const struct scene *scene, const struct directory_thread *thread)
{
    if (scene->thread)
        return thread == scene->thread;
    return !scene->sender || strcmp(scene->sender, thread->settings->sender_name) == 0;
}

static bool has_room(const struct desk *desk, uid_t uid, struct refusal *refusal)
{
    size_t count = 0, own = 0;
    for (const struct checking *checking = desk->checkings; checking; checking = checking->next) {
        count++;
        own += checking->wait && checking->wait->peer->asker.uid == uid;
    }
    return (count < MOST_CHECKINGS && own < MOST_OF_USER) ||
           refusal_set(refusal, REFUSAL_BUSY, NULL,
                       "too many checks are under way already; try again later");
}

static bool may_ask(const struct desk *desk, const struct asker *asker, const struct scene *scene,
                    struct refusal *refusal)
{
    return !scene->thread || directory_may_see_thread(desk->directory, asker, scene->thread) ||
           refusal_set(refusal, REFUSAL_DENIED, "thread",
                       "%s may not send to thread %.64s (setting allow)", asker->user,
                       scene->thread->settings->name);
}

static struct checking *checking_new(const struct desk *desk, const struct scene *scene,
                                     const struct asker *asker)
{
    const struct directory *directory = desk->directory;
    struct checking *checking = xcalloc(1, sizeof *checking);
    checking->threads = xcalloc(directory->thread_count + 1, sizeof *checking->threads);
    for (size_t i = 0; i < directory->thread_count; i++)
        if (is_meant(scene, &directory->threads[i]) &&
            directory_may_see_thread(directory, asker, &directory->threads[i]))
            checking->threads[checking->count++] = directory->threads[i].number;
    checking->sees_tokens = directory_is_operator(directory, asker);
    checking->sender = xstrdup_or_null(scene->sender);
    checking->after_look = desk->latest_look;
    return checking;
}

void check_desk_answer(struct desk *desk, struct peer *peer, const struct request *request)
{
    struct scene scene;
    struct refusal refusal;
    if (!set_scene(&scene, desk, request, &refusal) ||
        !may_ask(desk, &peer->asker, &scene, &refusal) ||
        !has_room(desk, peer->asker.uid, &refusal)) {
        desk_refuse(desk, peer, request, &refusal);
        return;
    }
    struct checking *checking = checking_new(desk, &scene, &peer->asker);
    checking->desk = desk;
    checking->next = desk->checkings;
    desk->checkings = checking;
    peer_add_wait(peer, wait_new_known(peer, request->ref, &checking->wait));
    check_desk_review(desk);
}
