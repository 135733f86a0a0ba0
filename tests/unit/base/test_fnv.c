#include "base/fnv.h"

#include <criterion/criterion.h>
#include <string.h>

/* The test program of RFC 9923 has these. */
Test(fnv, is_what_others_compute)
{
    cr_expect_eq(fnv_add(FNV_START, "", 0), UINT64_C(0xcbf29ce484222325));
    cr_expect_eq(fnv_add(FNV_START, "a", 1), UINT64_C(0xaf63dc4c8601ec8c));
    cr_expect_eq(fnv_add(FNV_START, "foobar", 6), UINT64_C(0x85944171f73967e8));
}

Test(fnv, is_of_all_bytes_however_they_come)
{
    static const char bytes[] = "\xff\0\x80z";
    uint64_t whole = fnv_add(FNV_START, bytes, 4);
    cr_expect_eq(fnv_add(fnv_add(FNV_START, bytes, 1), bytes + 1, 3), whole);
    cr_expect_neq(fnv_add(FNV_START, bytes, 3), whole);
    cr_expect_eq(fnv_add(FNV_START, "\xff", 1), UINT64_C(0xaf64724c8602eb6e));
}
