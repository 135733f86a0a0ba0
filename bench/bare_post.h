/*
 * bare_post.h - the least with which libcurl posts messages as the relay does
 */
#ifndef CHATRELAY_BENCH_BARE_POST_H
#define CHATRELAY_BENCH_BARE_POST_H

#include <curl/curl.h>
#include <stddef.h>

/* The headers of every post. For curl_slist_free_all(). */
struct curl_slist *bare_post_headers(void);

/* A handle for posts with `headers`, which are borrowed. For curl_easy_cleanup(). */
CURL *bare_post_handle(struct curl_slist *headers);

/* Make the handle's next post: of `content` to thread number `thread` at the loopback's `port`. */
void bare_post_address(CURL *handle, const char *port, size_t thread, const char *content,
                       const char *stamp);

/* Insist that a transfer has ended well, with 201. */
void bare_post_check(CURL *handle, CURLcode result);

#endif
