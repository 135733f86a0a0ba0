#include "chat/tls_words.h"

#include <criterion/criterion.h>

/* What libcurl 7.88 with OpenSSL 3.0 says; in tests/daemon/network the real ones do. */
Test(tls_words, each_trouble_has_a_sentence_of_its_own)
{
    cr_expect_str_eq(tls_words("SSL certificate problem: certificate has expired"),
                     "the server's certificate has expired");
    cr_expect_str_eq(
        tls_words("SSL: no alternative certificate subject name matches target host name 'a'"),
        "the server's certificate is for another host name than the endpoint's");
    cr_expect_str_eq(
        tls_words("SSL certificate problem: unable to get local issuer certificate"),
        "the server's certificate is from an authority that is not trusted here (setting ca_file)");
    cr_expect_str_eq(
        tls_words("SSL certificate problem: self-signed certificate in certificate chain"),
        "the server's certificate is from an authority that is not trusted here (setting ca_file)");
    cr_expect_str_eq(
        tls_words("OpenSSL/3.0: error:0A00042E:SSL routines::tlsv1 alert protocol version"),
        "the server speaks no TLS 1.2 or later");
    cr_expect_str_eq(tls_words("error:0A00010B:SSL routines::wrong version number"),
                     "what answers there does not speak TLS");
}

Test(tls_words, what_is_not_known_is_left_as_it_was_said)
{
    cr_expect_null(tls_words(""));
    cr_expect_null(tls_words("OpenSSL SSL_connect: Connection reset by peer"));
}
