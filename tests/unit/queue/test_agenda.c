#include "queue/agenda.h"
#include "tests/fakes/random.h"

#include <criterion/criterion.h>

static struct agenda agenda;

static void drop(void)
{
    agenda_clear(&agenda);
}

TestSuite(agenda, .fini = drop);

Test(agenda, the_earliest_comes_first)
{
    struct agenda_item items[4];
    static const msec_t at[] = { 30, 10, 40, 20 };
    for (size_t i = 0; i < 4; i++) {
        agenda_item_init(&items[i]);
        agenda_put(&agenda, &items[i], at[i]);
    }
    static const size_t order[] = { 1, 3, 0, 2 };
    for (size_t i = 0; i < 4; i++) {
        cr_expect(agenda_first(&agenda) == &items[order[i]]);
        agenda_remove(&agenda, agenda_first(&agenda));
    }
    cr_expect(agenda_first(&agenda) == NULL);
}

Test(agenda, those_of_one_time_keep_the_order_of_arrival)
{
    struct agenda_item items[50];
    for (size_t i = 0; i < 50; i++) {
        agenda_item_init(&items[i]);
        agenda_put(&agenda, &items[i], 7);
    }
    agenda_put(&agenda, &items[0], 7); /* goes behind the others */
    for (size_t i = 1; i <= 50; i++) {
        cr_expect(agenda_first(&agenda) == &items[i % 50]);
        agenda_remove(&agenda, agenda_first(&agenda));
    }
}

Test(agenda, taking_out_what_is_not_in_does_nothing)
{
    struct agenda_item in, out;
    agenda_item_init(&in);
    agenda_item_init(&out);
    agenda_put(&agenda, &in, 1);
    agenda_remove(&agenda, &out);
    cr_expect(agenda_first(&agenda) == &in);
    agenda_remove(&agenda, &in);
    agenda_remove(&agenda, &in);
    cr_expect(agenda_first(&agenda) == NULL);
}

enum { ITEMS = 200 };

static const struct agenda_item *earliest_of(const struct agenda_item *items)
{
    const struct agenda_item *earliest = NULL;
    for (const struct agenda_item *item = items; item < items + ITEMS; item++)
        if (item->position != AGENDA_OUTSIDE &&
            (!earliest || item->at < earliest->at ||
             (item->at == earliest->at && item->ticket < earliest->ticket)))
            earliest = item;
    return earliest;
}

Test(agenda, agrees_with_a_plain_search_whatever_is_done)
{
    struct agenda_item items[ITEMS];
    struct random random = { 1 };
    for (size_t i = 0; i < ITEMS; i++)
        agenda_item_init(&items[i]);
    for (int step = 0; step < 20000; step++) {
        struct agenda_item *item = &items[random_between(&random, 0, ITEMS - 1)];
        if (random_percent(&random, 60))
            agenda_put(&agenda, item, random_between(&random, 0, 50));
        else
            agenda_remove(&agenda, item);
        cr_assert(agenda_first(&agenda) == earliest_of(items));
    }
}
