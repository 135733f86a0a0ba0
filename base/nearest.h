/*
 * nearest.h - "did you mean ...?"
 */
#ifndef CHATRELAY_BASE_NEAREST_H
#define CHATRELAY_BASE_NEAREST_H

#include <stddef.h>

/*
 * The one of `names` that `word` most likely stood for, counted in typing
 * slips (a letter missing, added, changed, or two swapped); NULL when none is
 * near: more than a third of the word (one letter of a short one) would have to
 * change. Names longer than 64 bytes are never near.
 */
const char *nearest(const char *word, const char *const *names, size_t count);

#endif
