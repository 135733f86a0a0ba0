#include "queue/markup.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void expect(bool closed, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cr_expect(markup_is_closed(texts[i]) == closed, "%s", texts[i]);
}

Test(markup, what_is_closed_may_stand_beside_other_html)
{
    static const char *const texts[] = { "",
                                         "text & more",
                                         "1 < 2 > 0",
                                         "<b>x</b>",
                                         "<B>x</b >",
                                         "<div><p>x</p><p>y</p></div>",
                                         "a<br>b<br/>c<hr><img src=x>",
                                         "<a href='>' title=\"</a>\">x</a>",
                                         "<!-- <b> -->",
                                         "<b\nclass=x\n>x</b\n>" };
    expect(true, texts, sizeof texts / sizeof texts[0]);
}

Test(markup, what_would_change_what_follows_may_not)
{
    static const char *const texts[] = { "<b>x",
                                         "x</b>",
                                         "<b><i>x</b></i>",
                                         "<b",
                                         "x <",
                                         "x </",
                                         "<a href=\"x>y",
                                         "<a href='x",
                                         "<!-- x",
                                         "<!-->",
                                         "<!--->",
                                         "<!DOCTYPE html>",
                                         "<?xml x?>",
                                         "</>",
                                         "<b <i>x</i></b>",
                                         "<script>x</script>",
                                         "<style>x</style>",
                                         "<textarea></textarea>",
                                         "<b>x</br>" };
    expect(false, texts, sizeof texts / sizeof texts[0]);
}

Test(markup, too_deep_is_not_looked_into)
{
    char text[1024] = "";
    for (int i = 0; i < 64; i++)
        strcat(text, "<b>");
    for (int i = 0; i < 64; i++)
        strcat(text, "</b>");
    cr_expect(markup_is_closed(text));
    char deeper[2048] = "<i>";
    strcat(deeper, text);
    strcat(deeper, "</i>");
    cr_expect(!markup_is_closed(deeper));
}

Test(markup, text_is_read_as_it_stands)
{
    struct text html = { 0 };
    markup_add_text(&html, "a < b & \"c\" > d");
    cr_expect_str_eq(html.bytes, "a &lt; b &amp; \"c\" &gt; d");
    text_clear(&html);
}
