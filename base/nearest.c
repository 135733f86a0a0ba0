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

/* Where the two words are compared: the last three rows of the usual table are enough. */
struct comparison {
    const char *one, *other;
    size_t columns; /* the length of `other` */
    size_t rows[3][LONGEST + 1];
};

/* Fill the row of the letter `row` of `one`, from 1. Returns the least in it. */
static size_t fill_row(struct comparison *words, size_t row)
{
    const char *one = words->one + row - 1, *other = words->other;
    size_t *now = words->rows[row % 3], *above = words->rows[(row - 1) % 3];
    const size_t *before = words->rows[(row + 1) % 3];
    size_t least = now[0] = row;
    for (size_t column = 1; column <= words->columns; column++) {
        size_t changed = above[column - 1] + (lower(*one) != lower(other[column - 1]));
        now[column] = least_of(changed, least_of(above[column], now[column - 1]) + 1);
        if (row > 1 && column > 1 && one[0] == other[column - 2] && one[-1] == other[column - 1])
            now[column] = least_of(now[column], before[column - 2] + 1);
        least = least_of(least, now[column]);
    }
    return least;
}

/*
 * Optimal string alignment: like Levenshtein's distance, with the swap of two
 * neighbours as one slip and capitals as none. Any number from `enough` on stands
 * for "too many": no row's least is below that of the two rows above it.
 */
static size_t slips_between(const char *one, const char *other, size_t enough)
{
    size_t rows = strlen(one), columns = strlen(other);
    size_t apart = rows > columns ? rows - columns : columns - rows;
    struct comparison words;
    size_t least = 0;

    if (rows > LONGEST || columns > LONGEST || apart >= enough)
        return SIZE_MAX;
    words.one = one;
    words.other = other;
    words.columns = columns;
    for (size_t column = 0; column <= columns; column++)
        words.rows[0][column] = column;
    for (size_t row = 1; row <= rows; row++) {
        size_t above = least;
        least = fill_row(&words, row);
        if (least >= enough && above >= enough)
            return SIZE_MAX;
    }
    return words.rows[rows % 3][columns];
}

const char *nearest(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t length = strlen(word);
    size_t best_slips = (length < 3 ? 1 : length / 3) + 1;
    for (size_t i = 0; i < count; i++) {
        size_t slips = slips_between(word, names[i], best_slips);
        if (slips < best_slips) {
            best = names[i];
            best_slips = slips;
        }
    }
    return best;
}
