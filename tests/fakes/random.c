#include "tests/fakes/random.h"

uint64_t random_bits(struct random *random)
{
    uint64_t bits = random->state += 0x9e3779b97f4a7c15;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
}

int64_t random_between(struct random *random, int64_t least, int64_t most)
{
    return least + (int64_t)(random_bits(random) % (uint64_t)(most - least + 1));
}

bool random_percent(struct random *random, int percent)
{
    return random_between(random, 1, 100) <= percent;
}
