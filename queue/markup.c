#include "queue/markup.h"

#include <string.h>
#include <strings.h>

enum { DEEPEST = 64 };

/* A name in the text that is read. */
struct name {
    const char *first;
    size_t length;
};

/* The elements that are open. */
struct stack {
    struct name names[DEEPEST];
    size_t count;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(struct name name, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == name.length && strncasecmp(words[i], name.first, name.length) == 0)
            return true;
    return false;
}

/* HTML, section 13.1.2 "Elements": they have no end tag. */
static bool is_void(struct name name)
{
    static const char *const words[] = { "area",  "base", "br",     "col",  "embed",
                                         "hr",    "img",  "input",  "link", "meta",
                                         "param", "wbr",  "source", "track" };
    return is_one_of(name, words, sizeof words / sizeof words[0]);
}

/* What is in them is no markup, or swallows what follows in ways of its own. */
static bool is_peculiar(struct name name)
{
    static const char *const words[] = { "script", "style",     "textarea", "title",
                                         "xmp",    "plaintext", "noscript", "iframe",
                                         "svg",    "math",      "template", "noembed" };
    return is_one_of(name, words, sizeof words / sizeof words[0]);
}

static bool open_element(struct stack *stack, struct name name)
{
    if (is_peculiar(name) || stack->count == DEEPEST)
        return false;
    stack->names[stack->count++] = name;
    return true;
}

static bool close_element(struct stack *stack, struct name name)
{
    if (stack->count == 0)
        return false;
    struct name open = stack->names[--stack->count];
    return open.length == name.length && strncasecmp(open.first, name.first, name.length) == 0;
}

/* Behind the ">" that ends a tag, over quoted attributes; NULL when it is cut off. */
static const char *end_of_tag(const char *at)
{
    for (; *at && *at != '>'; at++) {
        if (*at == '<')
            return NULL;
        if (*at != '"' && *at != '\'')
            continue;
        at = strchr(at + 1, *at);
        if (!at)
            return NULL;
    }
    return *at ? at + 1 : NULL;
}

static const char *read_tag(struct stack *stack, const char *at)
{
    bool closes = *at == '/';
    struct name name = { .first = at + closes };
    name.length = strcspn(name.first, " \t\r\n\f/>\"'<=");
    const char *end = end_of_tag(name.first + name.length);
    if (!end)
        return NULL;
    if (closes)
        return close_element(stack, name) ? end : NULL;
    return is_void(name) || open_element(stack, name) ? end : NULL;
}

/* Behind a comment; NULL when it is cut off, or is something else that begins with "<!". */
static const char *read_comment(const char *at)
{
    enum { OPENING = sizeof "!--" - 1, CLOSING = sizeof "-->" - 1 };
    if (strncmp(at, "!--", OPENING) != 0 || at[OPENING] == '>' || at[OPENING] == '-')
        return NULL;
    const char *end = strstr(at + OPENING, "-->");
    return end ? end + CLOSING : NULL;
}

bool markup_is_closed(const char *html)
{
    struct stack stack = { .count = 0 };
    const char *at = strchr(html, '<');
    while (at) {
        at++;
        if (*at == '!' || *at == '?')
            at = read_comment(at);
        else if (is_letter(*at) || (*at == '/' && is_letter(at[1])))
            at = read_tag(&stack, at);
        else if (*at == '/' || *at == '\0')
            return false; /* whatever stands behind it would be taken for a part of it */
        if (!at)
            return false;
        at = strchr(at, '<');
    }
    return stack.count == 0;
}

void markup_add_text(struct text *html, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<':
            text_add(html, "&lt;");
            break;
        case '>':
            text_add(html, "&gt;");
            break;
        case '&':
            text_add(html, "&amp;");
            break;
        default:
            text_append(html, text, 1);
        }
}
