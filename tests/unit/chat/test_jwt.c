#include "chat/jwt.h"

#include <criterion/criterion.h>

static void expect(const char *token, msec_t wanted_at)
{
    msec_t expires_at = 0;
    cr_assert(jwt_expiry(token, &expires_at), "%s", token);
    cr_expect_eq(expires_at, wanted_at);
}

static void expect_none(const char *token)
{
    msec_t expires_at = 7;
    cr_expect_not(jwt_expiry(token, &expires_at), "%s", token);
    cr_expect_eq(expires_at, 7);
}

Test(jwt, the_claim_exp)
{
    /* {"exp":1631137382} {"exp":1.5} and, with both letters of base64url, {"a":"~~~???","exp":9} */
    expect("e30.eyJleHAiOjE2MzExMzczODJ9.c2ln", 1631137382000);
    expect("e30.eyJleHAiOjEuNX0.", 1500);
    expect(".eyJhIjoifn5-Pz8_IiwiZXhwIjo5fQ.", 9000);
}

Test(jwt, tokens_that_do_not_tell)
{
    expect_none("");
    expect_none("sesame");
    expect_none("..");
    expect_none("a.b");
    expect_none("e30.eyJleHAiOjE2MzExMzczODJ9");
    expect_none("e30.eyJleHAiOjE2MzExMzczODJ9.x.y");
    expect_none("e30.eyJleHAiOjE2MzEx!zczODJ9.x");
    expect_none("e30.eyJleHAiOjE2MzExMzczODJ9A.x");
    expect_none("e30.eyJleHAiOiIxNjMxMTM3MzgyIn0.x"); /* {"exp":"1631137382"} */
    expect_none("e30.eyJleHAiOi0xfQ.x");              /* {"exp":-1} */
    expect_none("e30.eyJleHAiOjFlMzAwfQ.x");          /* {"exp":1e300} */
    expect_none("e30.W10.x");                         /* [] */
}
