#include "client/html_text.h"

#include <criterion/criterion.h>

static void expect(const char *html, const char *text)
{
    CLEANUP(text_clear) struct text out = { 0 };
    text_add(&out, "|");
    html_text(&out, html);
    cr_expect_str_eq(out.bytes + 1, text, "%s: \"%s\"", html, out.bytes + 1);
}

Test(client_html_text, paragraphs_and_breaks_are_lines)
{
    expect("<p>one</p><p>two<br>three<br/><br/>four</p>", "one\ntwo\nthree\n\nfour");
    expect("<div>one<div>two</div></div>three", "one\ntwo\nthree");
    expect("  one \n  two ", "one two");
    expect("<b>o</b>ne <i>two</i>", "one two");
}

Test(client_html_text, items_have_a_dash)
{
    expect("all:<ul><li>one</li><li>two</li></ul>end", "all:\n- one\n- two\nend");
}

Test(client_html_text, entities_are_characters)
{
    expect("&lt;b&gt; &amp;&quot;&apos;&nbsp;&#65;&#x42;&#X43;", "<b> &\"' ABC");
    expect("&euro;&#8364;&#x1f600;", "\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x98\x80");
    expect("&#0;&#xd800;&#99999999;", "&#0;\xef\xbf\xbd\xef\xbf\xbd");
    expect("R&D &; &nonsense; &# &#x; &#xg; &amp", "R&D &; &nonsense; &# &#x; &#xg; &amp");
}

Test(client_html_text, links_say_where_they_lead)
{
    expect("see <a class=\"x\" href=\"https://a.example/?a=b\">the page</a>!",
           "see the page (https://a.example/?a=b)!");
    expect("<a href='https://a.example/'>https://a.example/</a>", "https://a.example/");
    expect("<a href=https://a.example/>it</a>", "it (https://a.example/)");
    expect("<a>nowhere</a> <a href=\"x\">open", "nowhere open");
}

Test(client_html_text, pictures_are_named)
{
    expect("<img src=\"x\" alt=\"a cat\"><img>", "[picture: a cat][picture]");
}

Test(client_html_text, what_is_hidden_is_left_out)
{
    expect("a<script>alert('<p>')</script>b<style>p{}</style><!-- c -->d", "abd");
    expect("<script>never ends", "");
    expect("<!-- never ends", "");
}

Test(client_html_text, what_is_no_tag_is_text)
{
    expect("1 < 2 <3 </ <>", "1 < 2 <3 </ <>");
    expect("<b", "");
    expect("<a title=\">\">x</a>", "x");
    expect("<a title=\"x>it's</a>", "it's");
    expect("", "");
}
