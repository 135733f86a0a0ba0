#include "sandbox/base64.h"
#include "sandbox/token_book.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>

static const struct access_key key = { .bytes = "secret", .length = 6 };

static const struct token_claims claims = {
    .identity = "8:acs:a_b",
    .scope = "chat,voip",
    .issued_at = 1795300000123,
    .expires_at = 1795386400456,
};

Test(token, says_what_was_put_in)
{
    char *token = token_make(&key, &claims);
    struct token_claims read = { .issued_at = 0 };
    cr_assert(token_read(&key, token, &read));
    cr_expect_str_eq(read.identity, claims.identity);
    cr_expect_str_eq(read.scope, claims.scope);
    cr_expect_eq(read.issued_at, claims.issued_at);
    cr_expect_eq(read.expires_at, claims.expires_at);
    free(token);
}

Test(token, is_a_jwt_with_the_claims_of_the_service)
{
    char *token = token_make(&key, &claims);
    char *payload = strchr(token, '.') + 1, *text = NULL;
    size_t length = 0;
    cr_assert(base64_decode(payload, strcspn(payload, "."), &text, &length));
    json_t *json = json_loadb(text, length, 0, NULL);
    cr_expect_str_eq(json_string_value(json_object_get(json, "skypeid")), "acs:a_b");
    cr_expect_str_eq(json_string_value(json_object_get(json, "acsScope")), "chat,voip");
    cr_expect_eq(json_integer_value(json_object_get(json, "exp")), 1795386400);
    cr_expect_eq(json_integer_value(json_object_get(json, "iat")), 1795300000);
    json_decref(json);
    free(text);
    free(token);
}

Test(token, of_another_key_is_none)
{
    const struct access_key other = { .bytes = "Secret", .length = 6 };
    struct token_claims read;
    char *token = token_make(&key, &claims);
    cr_expect_not(token_read(&other, token, &read));
    free(token);
}

Test(token, with_any_character_changed_is_none)
{
    struct token_claims read;
    char *token = token_make(&key, &claims);
    for (char *at = token; *at; at++) {
        char kept = *at;
        *at = kept == 'A' ? 'B' : 'A';
        cr_expect_not(token_read(&key, token, &read), "%zu", (size_t)(at - token));
        *at = kept;
    }
    cr_expect(token_read(&key, token, &read));
    free(token);
}

Test(token, nonsense_is_none)
{
    static const char *const nonsense[] = { "", ".", "..", "a.b", "a.b.c", "a.b.c.d", "...." };
    struct token_claims read;
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++)
        cr_expect_not(token_read(&key, nonsense[i], &read), "%s", nonsense[i]);
}

Test(token, book_reads_as_one_reads_without_it)
{
    struct token_book book = { 0 };
    char *token = token_make(&key, &claims);
    for (int i = 0; i < 3; i++) {
        const struct token_claims *read = token_book_read(&book, &key, token);
        cr_assert(read);
        cr_expect_eq(read->expires_at, claims.expires_at);
        cr_expect_null(token_book_read(&book, &key, "a.b.c"));
    }
    cr_expect_eq(book.by_text.count, 1);
    token_book_clear(&book);
    free(token);
}

Test(token, book_stays_bounded)
{
    struct token_book book = { 0 };
    struct token_claims each = claims;
    for (int i = 0; i <= TOKEN_BOOK_MOST; i++) {
        each.expires_at++;
        char *token = token_make(&key, &each);
        cr_assert_eq(token_book_read(&book, &key, token)->expires_at, each.expires_at);
        free(token);
    }
    cr_expect_eq(book.by_text.count, 1);
    token_book_clear(&book);
}
