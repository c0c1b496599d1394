"""E-mails and letters hold a few tags, and nothing that runs, loads or leads astray."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.operations.texts.markup import TAGS, clean, plain


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hej\nBo", "Hej<br>\nBo"),
        ("Hej\r\n\r\nBo", "Hej<br>\n<br>\nBo"),
        ("<b>fed</b> & <i>kursiv</i>", "<b>fed</b> &amp; <i>kursiv</i>"),
        ("Hej\n<h2>Tid</h2>\nBo", "Hej<h2>Tid</h2>Bo"),
        ("<ul>\n<li>a</li>\n<li>b\n</ul>\nc", "<ul><li>a</li><li>b</li></ul>c"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<table><tr><td>a<td>b<tr><th>c</table>", "<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>"),
        ("a<br>b<br/>c", "a<br>b<br>c"),
        ("<b>åben", "<b>åben</b>"),
        ("</b>lukket</p>", "lukket"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("Se https://gecko.dk/a?b=1&c.", 'Se <a href="https://gecko.dk/a?b=1&amp;c">https://gecko.dk/a?b=1&amp;c</a>.'),
        ('<a href="mailto:a@b.dk" onclick="x()">skriv</a>', '<a href="mailto:a@b.dk">skriv</a>'),
        ('<a href="https://a.dk">https://b.dk</a>', '<a href="https://a.dk">https://b.dk</a>'),
    ],
)
def test_what_stays(source, expected):
    assert clean(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<ScRiPt src=//x>",
        "<style>*{}</style>",
        "<img src=x onerror=alert(1)>",
        "<iframe srcdoc='<b>x</b>'></iframe>",
        "<svg><a href='https://x'></svg>",
        "<form action=/x><input></form>",
        "<!-- <b> --><?php x ?><!DOCTYPE x>",
    ],
)
def test_what_goes(source):
    assert clean(f"a{source}") == "a"


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", " jAvascript:x", "data:text/html,x", "//x.dk", "/logout", "https://a b"]
)
def test_a_link_leads_to_an_address_or_nowhere(target):
    assert clean(f'<a href="{target}">x</a>') == "<a>x</a>"


def test_words_in_the_plain_part():
    cleaned = clean(
        '<h2>Hej</h2>\nDin tid:\n<ul><li>en</li><li>to</li></ul>\n<a href="https://a.dk/x">Afbud</a> https://b.dk'
    )
    assert plain(cleaned) == "Hej\n\nDin tid:\n\n- en\n- to\nAfbud (https://a.dk/x) https://b.dk"
    assert plain(clean("a\n\nb &amp; <b>c</b>")) == "a\n\nb & c"


TAGGED = st.lists(
    st.one_of(
        st.text(max_size=6),
        st.sampled_from(
            ["<", ">", "</", "&lt;script&gt;", "<script>", "</script>", "<!--", "]]>", "<b", "href='x'", "\n"]
        ),
        st.sampled_from([*sorted(TAGS), "img", "style", "svg", "div"]).map("<{}>".format),
        st.sampled_from([*sorted(TAGS), "img", "style", "svg", "div"]).map("</{}>".format),
        st.sampled_from(
            ["<a href='javascript:x'>", '<a href="https://x.dk/&quot;onload=x">', "<a onclick=x>", "<p onload=x>"]
        ),
    ),
    max_size=25,
).map("".join)


class Judge(HTMLParser):
    """Fails on anything but balanced, allowed tags."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS
        assert [name for name, _value in attrs] in ([], ["href"])
        assert all(value.startswith(("https://", "http://", "mailto:", "tel:")) for _name, value in attrs)
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(data)


@given(TAGGED)
def test_the_result_is_balanced_and_harmless(source):
    judge = Judge()
    judge.feed(clean(source))
    judge.close()
    assert judge.open == []


@given(TAGGED)
def test_cleaning_twice_changes_nothing(source):
    once = clean(source)
    assert plain(clean(once.replace("<br>\n", "<br>"))) == plain(once)


@given(
    st.text(
        alphabet=st.characters(exclude_characters="<>&\r\n", exclude_categories=("Zs", "Cc", "Zl", "Zp")), max_size=40
    )
)
def test_words_stay_words(text):
    assert plain(clean(text)) == text
