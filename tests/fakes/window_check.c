#include "tests/fakes/window_check.h"

size_t window_check_sliding(const msec_t *counted_at, size_t count, const struct pace *pace)
{
    size_t overspent = 0, first = 0;
    for (size_t i = 0; i < count; i++) {
        while (counted_at[first] <= counted_at[i] - pace->window_ms)
            first++;
        if ((int64_t)(i - first + 1) > pace->sends)
            overspent++;
    }
    return overspent;
}

size_t window_check_fixed(const msec_t *counted_at, size_t count, const struct pace *pace,
                          msec_t offset_ms)
{
    size_t overspent = 0;
    int64_t window = -1, in_window = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t number = (counted_at[i] + offset_ms) / pace->window_ms;
        in_window = number == window ? in_window + 1 : 1;
        window = number;
        if (in_window > pace->sends)
            overspent++;
    }
    return overspent;
}
