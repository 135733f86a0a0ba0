#include "config/outside.h"

#include "base/account.h"
#include "base/memory.h"
#include "base/secret_file.h"
#include "config/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char zones[] = "/usr/share/zoneinfo";

struct checker {
    const struct config_document *document;
    struct config_problems *problems;
    const struct document_section *section;
    const struct setting *setting;
    const char *known_names; /* whom the last list of names told of, if all of them are there */
};

static void PRINTF_LIKE(3, 4)
    tell(const struct checker *checker, enum config_severity severity, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    document_tell(checker->document, checker->problems, severity, checker->section,
                  checker->setting, format, args);
    va_end(args);
}

static void check_secret_file(const struct checker *checker, const char *path)
{
    struct stat status;
    struct error err = { 0 };
    if (stat(path, &status) != 0)
        tell(checker, CONFIG_WARNING, "%s",
             errno == ENOENT ? "there is no such file yet" : strerrordesc_np(errno));
    else if (!secret_file_is_guarded(&status, &err))
        tell(checker, CONFIG_ERROR, "%s", err.text);
}

static void check_secret(const struct checker *checker, const char *reference)
{
    struct error err = { 0 };
    CLEANUP(free_memory) char *path = config_secret_path(reference, &err);
    if (path)
        check_secret_file(checker, path);
    else
        tell(checker, CONFIG_WARNING, "%s", err.text);
}

static void check_zone(const struct checker *checker, const char *zone)
{
    struct stat status;
    CLEANUP(free_memory) char *path = xasprintf("%s/%s", zones, zone);
    if (strcmp(zone, "UTC") != 0 && (stat(path, &status) != 0 || !S_ISREG(status.st_mode)))
        tell(checker, CONFIG_ERROR, "there is no such zone in %s (timedatectl list-timezones)",
             zones);
}

/* Otherwise it would come out when the first message is sent. */
static void check_certificates(const struct checker *checker, const char *path)
{
    char line[256];
    FILE *file = fopen(path, "re");
    bool found = false;
    if (!file) {
        tell(checker, CONFIG_ERROR, "%s", strerrordesc_np(errno));
        return;
    }
    while (!found && fgets(line, sizeof line, file))
        found = strncmp(line, "-----BEGIN ", 11) == 0 && strstr(line, "CERTIFICATE-----");
    fclose(file);
    if (!found)
        tell(checker, CONFIG_ERROR,
             "there is no certificate in it (PEM: -----BEGIN CERTIFICATE-----)");
}

static void check_authorities(const struct checker *checker, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        tell(checker, CONFIG_ERROR, "%s", strerrordesc_np(errno));
    else if (!S_ISREG(status.st_mode))
        tell(checker, CONFIG_ERROR, "not a regular file");
    else
        check_certificates(checker, path);
}

/* It may be there, and ours to run, by the time that it is needed. */
static void check_command(const struct checker *checker, const char *command)
{
    struct stat status;
    CLEANUP(free_memory) char *path = xmemdup0(command, strcspn(command, " \t"));
    if (stat(path, &status) != 0)
        tell(checker, CONFIG_WARNING, "%s",
             errno == ENOENT ? "there is no such program yet" : strerrordesc_np(errno));
    else if (!S_ISREG(status.st_mode))
        tell(checker, CONFIG_WARNING, "%s is no program: not a regular file", path);
    else if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0)
        tell(checker, CONFIG_WARNING, "%s cannot be run: %s", path, strerrordesc_np(errno));
}

/* False, and told so, when nobody is called that. */
static bool check_name(const struct checker *checker, const char *name)
{
    uid_t uid = 0;
    gid_t gid = 0;
    bool is_group = name[0] == '@';
    if (is_group ? account_find_group(name + 1, &gid) : account_find_user(name, &uid))
        return true;
    tell(checker, CONFIG_WARNING, "no %s \"%s\" is known on this machine",
         is_group ? "group" : "user", name + is_group);
    return false;
}

/* An answer costs a hundred system calls, and most threads allow the same. */
static void check_names(struct checker *checker, const char *text)
{
    static const char between[] = ", \t";
    if (checker->known_names && strcmp(checker->known_names, text) == 0)
        return;
    CLEANUP(free_memory) char *copy = xstrdup(text);
    char *rest = NULL;
    bool all = true;
    for (char *name = strtok_r(copy, between, &rest); name; name = strtok_r(NULL, between, &rest))
        all = check_name(checker, name) && all;
    checker->known_names = all ? text : NULL;
}

/* What a section's setting is in the end; NULL when it is not set. */
static const char *value_in_force(const struct checker *checker)
{
    const struct entry *entry =
        document_in_force(checker->document, checker->section, checker->setting);
    return entry ? entry->value : checker->setting->standard;
}

static void check_setting(struct checker *checker)
{
    const char *value = value_in_force(checker);
    if (!value)
        return;
    if (checker->setting->offset == offsetof(struct config_sender, connection_string_file) &&
        checker->setting->section == SECTION_SENDER)
        return; /* it has been read already */
    if (checker->setting->type == &value_secret)
        check_secret(checker, value);
    else if (checker->setting->type == &value_command)
        check_command(checker, value);
    else if (checker->setting->type == &value_zone)
        check_zone(checker, value);
    else if (checker->setting->type == &value_names && value != checker->setting->standard)
        check_names(checker, value);
    else if (checker->setting->section == SECTION_QUOTA)
        check_name(checker, checker->section->name);
    else if (checker->setting->must_exist)
        check_authorities(checker, value);
}

void outside_check(const struct config *config, struct config_problems *problems)
{
    const struct config_document *document = config->document;
    struct checker checker = { .document = document, .problems = problems };
    for (size_t i = 0; i < document->section_count; i++) {
        checker.section = &document->sections[i];
        for (checker.setting = settings; checker.setting < settings + settings_count;
             checker.setting++)
            if (checker.setting->section == checker.section->kind)
                check_setting(&checker);
    }
}
