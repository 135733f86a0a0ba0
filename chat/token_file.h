/*
 * token_file.h - an access token in a file, which somebody else keeps fresh
 */
#ifndef CHATRELAY_CHAT_TOKEN_FILE_H
#define CHATRELAY_CHAT_TOKEN_FILE_H

#include "base/clock.h"
#include "base/error.h"

struct token_file;

enum token_file_news {
    TOKEN_FILE_SAME,  /* the token that was read before */
    TOKEN_FILE_OTHER, /* another one */
    TOKEN_FILE_NONE,  /* nothing that can be used */
};

/* See secret_file_path() for both; the second may be NULL. */
struct token_file *token_file_new(const char *reference, const char *credentials_directory);

/* NULL is fine. */
void token_file_free(struct token_file *file);

/* As the settings name it. */
const char *token_file_name(const struct token_file *file);

/*
 * What is in it in this millisecond. `is_kept`: whether its reader has the token that was read
 * before. TOKEN_FILE_OTHER: `*secret` goes back to secret_wipe(). TOKEN_FILE_NONE: `err` says why.
 */
enum token_file_news token_file_look(struct token_file *file, bool is_kept, msec_t now_at,
                                     char **secret, struct error *err);

/* The chat refused what was read last: whether it is still this that is in the file. */
void token_file_refuse(struct token_file *file);
bool token_file_is_refused(const struct token_file *file);

#endif
