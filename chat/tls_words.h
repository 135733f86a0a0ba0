/*
 * tls_words.h - why a TLS handshake failed, in words that say what to do. Pure.
 */
#ifndef CHATRELAY_CHAT_TLS_WORDS_H
#define CHATRELAY_CHAT_TLS_WORDS_H

/*
 * A sentence for what libcurl and OpenSSL said of a handshake: the certificate's host name, its
 * dates, its authority, or the version. Lives forever; NULL when none of these is meant.
 */
const char *tls_words(const char *said);

#endif
