#include "base/uuid.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect(const uint8_t random[UUID_RANDOM_BYTES], const char *expected)
{
    char text[UUID_TEXT_SIZE];
    uuid_write(random, text);
    cr_expect_str_eq(text, expected);
}

Test(uuid, says_its_version_and_variant_whatever_was_drawn)
{
    uint8_t random[UUID_RANDOM_BYTES];
    memset(random, 0, sizeof random);
    expect(random, "00000000-0000-4000-8000-000000000000");
    memset(random, 0xff, sizeof random);
    expect(random, "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

Test(uuid, has_all_other_bytes_in_their_order)
{
    expect((const uint8_t *)"\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef",
           "01234567-89ab-4def-8123-456789abcdef");
}
