#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST = 64 };

static size_t least_of(size_t one, size_t other)
{
    return one < other ? one : other;
}

static int lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter;
}

/*
 * Optimal string alignment: like Levenshtein's distance, with the swap of two
 * neighbours as one slip and capitals as none. Three rows of the usual table are enough.
 */
static size_t slips_between(const char *one, const char *other)
{
    size_t rows = strlen(one), columns = strlen(other);
    size_t table[3][LONGEST + 1];

    if (rows > LONGEST || columns > LONGEST)
        return SIZE_MAX;
    for (size_t column = 0; column <= columns; column++)
        table[0][column] = column;
    for (size_t row = 1; row <= rows; row++) {
        size_t *now = table[row % 3], *above = table[(row - 1) % 3], *before = table[(row + 1) % 3];
        now[0] = row;
        for (size_t column = 1; column <= columns; column++) {
            size_t changed = above[column - 1] + (lower(one[row - 1]) != lower(other[column - 1]));
            now[column] = least_of(changed, least_of(above[column], now[column - 1]) + 1);
            if (row > 1 && column > 1 && one[row - 1] == other[column - 2] &&
                one[row - 2] == other[column - 1])
                now[column] = least_of(now[column], before[column - 2] + 1);
        }
    }
    return table[rows % 3][columns];
}

const char *nearest(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t length = strlen(word);
    size_t best_slips = (length < 3 ? 1 : length / 3) + 1;
    for (size_t i = 0; i < count; i++) {
        size_t slips = slips_between(word, names[i]);
        if (slips < best_slips) {
            best = names[i];
            best_slips = slips;
        }
    }
    return best;
}
