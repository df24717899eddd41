"""Markdown in, safe HTML out: the happy path first, then everything that must not get through."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from content.text import prose

ADDRESSES = {
    ("drug", "pembrolizumab"): "/drugs/pembrolizumab/",
    ("side-effect", "fever"): "/side-effects/fever/",
}
SOURCES = {"fda-keytruda-label", "nci-pembrolizumab", "jama-2018"}


def render(text: str, *, citations: prose.Citations | None = None, **options: object) -> str:
    return prose.render(
        text,
        citations=citations or prose.Citations(SOURCES),
        resolve=lambda kind, slug: ADDRESSES.get((kind, slug)),
        **options,
    )


def render_inline(text: str) -> str:
    return prose.render_inline(
        text, citations=prose.Citations(SOURCES), resolve=lambda kind, slug: ADDRESSES.get((kind, slug))
    )


# Happy path ---------------------------------------------------------------------------------------------


def test_paragraphs_lists_and_strong():
    assert render("Call **today**.\n\n- one\n- two\n\n1. first\n2. second") == (
        "<p>Call <strong>today</strong>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        "<ol>\n<li>first</li>\n<li>second</li>\n</ol>"
    )


def test_list_right_below_a_paragraph_is_a_list():
    assert "<li>fever</li>" in render("Call about:\n- fever\n- rash")


LONG = "and this goes on for long enough that it is worth a tap to read it"


def test_points_that_begin_with_their_matter_become_folds():
    folded = render(f"- **One.** First, {LONG}.\n- **Two?** Then, {LONG}.", folds=True)
    assert folded.count("<details") == 2
    assert "<summary>One</summary>" in folded
    assert "<summary>Two?</summary>" in folded
    assert f"First, {LONG}." in folded
    assert "<ul" not in folded


@pytest.mark.parametrize(
    "point", ["**Two.** Short.", f"**[Two](side-effect:fever).** Then, {LONG}.", f"**Two** or, {LONG}."]
)
def test_point_that_no_line_can_hold_stands_open_among_folds(point: str):
    folded = render(f"- **One.** First, {LONG}.\n- {point}", folds=True)
    assert folded.count("<details") == 1
    assert "<div><strong>" in folded


@pytest.mark.parametrize(
    "points",
    [
        f"- **One.** First, {LONG}.\n- Then, {LONG}.",
        "- **One.** Short.\n- **Two.** Short.\n- **Three.** " + LONG,
    ],
    ids=["a point without its matter", "mostly short"],
)
def test_other_lists_stay_lists(points: str):
    assert "<details" not in render(points, folds=True)
    assert "<details" not in render(f"- **One.** First, {LONG}.")


def test_list_within_a_list():
    assert render("- a\n  - b\n- c").count("<ul>") == 2


MARK = re.compile(
    r'<a aria-label="Sources? ([\d, ]+)" class="cite" data-n="([\d, ]+)" href="#source-(\d+)"></a>'
)


def test_citation_is_one_mark_with_a_name():
    assert MARK.findall(render("It blocks PD-1 [@fda-keytruda-label].")) == [("1", "1", "1")]


def test_citation_holds_no_words_that_could_be_copied_or_read_as_a_figure():
    assert re.sub("<.*?>", "", render("43 [@jama-2018] of 100 [@nci-pembrolizumab].")) == "43 of 100."


@pytest.mark.parametrize("stop", [".", ",", ";", ":"])
def test_citation_stands_behind_the_stop(stop: str):
    html = render(f"It blocks PD-1 [@jama-2018]{stop} Then more")
    assert html.startswith(f"<p>It blocks PD-1{stop}<a ")
    assert html.endswith("</a> Then more</p>")


def test_citations_side_by_side_share_a_mark():
    for text in ("A [@jama-2018] [@nci-pembrolizumab].", "A [@jama-2018][@nci-pembrolizumab]."):
        assert MARK.findall(render(text)) == [("1, 2", "1, 2", "1")]


def test_numbers_run_through_all_sections_of_a_page():
    citations = prose.Citations(SOURCES)
    render("A [@jama-2018].", citations=citations)
    html = render("B [@nci-pembrolizumab]. C [@jama-2018].", citations=citations)
    assert [numbers for _label, numbers, _first in MARK.findall(html)] == ["2", "1"]
    assert citations.keys == ["jama-2018", "nci-pembrolizumab"]


def test_numbers_follow_the_text_through_lists():
    html = render("- A [@nci-pembrolizumab].\n\nB [@jama-2018].")
    assert [numbers for _label, numbers, _first in MARK.findall(html)] == ["1", "2"]


def test_citations_refuse_an_unknown_key():
    with pytest.raises(KeyError):
        prose.Citations(SOURCES).number("made-up")


def test_unknown_citation_says_so_in_a_draft():
    html = render("A [@made-up].")
    assert "source missing: made-up" in html
    assert "<a" not in html


def test_link_to_a_public_entry():
    assert '<a href="/drugs/pembrolizumab/">this medicine</a>' in render(
        "See [this medicine](drug:pembrolizumab)."
    )


def test_link_to_an_entry_without_a_page_is_plain_text():
    assert render("See [nivolumab](drug:nivolumab).") == "<p>See nivolumab.</p>"


def test_link_to_another_site():
    html = render("See [NCI](https://www.cancer.gov/x?a=1&b=2).")
    assert 'rel="noopener noreferrer external"' in html
    assert 'href="https://www.cancer.gov/x?a=1&amp;b=2"' in html


def test_mail_and_own_links():
    assert '<a href="mailto:us@example.org">' in render("[mail](mailto:us@example.org)")
    assert '<a href="tel:+15550100">' in render("[call](tel:+15550100)")
    assert "tel:" not in render("[call](tel:javascript)")
    assert '<a href="/questions/">' in render("[questions](/questions/)")


def test_headings_stand_below_the_pages_own():
    assert render("### One\n\n#### Two\n\n### Three").count("<h3>") == 2
    assert "<h5>Two</h5>" in render("# One\n\n## Two", heading_level=4)
    assert "<h6>" in render("# 1\n\n## 2\n\n### 3\n\n#### 4\n\n##### 5\n\n###### 6", heading_level=4)


def test_table_scrolls_and_can_be_focused():
    html = render("| a | b |\n|---|--:|\n| x | 5 [@jama-2018] |")
    assert 'tabindex="0"' in html
    assert 'role="group"' in html
    assert 'class="table-scroll"' in html
    assert 'aria-label="' in html
    assert '<th scope="col">a</th>' in html
    assert '<td class="number" data-label="b">5<a ' in html


def test_inline_has_no_paragraph_and_no_lists():
    assert render_inline("1. New **pain** [@jama-2018]").startswith("1. New <strong>pain</strong><a ")
    assert "<h" not in render_inline("# not a heading")


def test_text_with_signs_of_html():
    assert render("PD-L1 < 1 % & CPS > 10") == "<p>PD-L1 &lt; 1 % &amp; CPS &gt; 10</p>"


@pytest.mark.parametrize("tangle", ["[" * 600, "[a](b" * 600, "[@x]" * 600, "a " * 60_000])
def test_tangled_text_is_shown_as_it_is_typed(tangle):
    """Markdown is not asked: of 20,000 brackets it would look for the ends for a minute."""
    assert render(f"**Strong** {tangle.strip()}") == f"<p>**Strong** {tangle.strip()}</p>"
    assert "<strong>Strong</strong>" in render("**Strong** " + "[" * 100)


def test_hebrew_words_for_the_labels_come_from_the_language():
    assert "aria-label" in render("א [@jama-2018]", language="he")


def test_nothing_is_left_of_one_text_in_the_next():
    render("[a]\n\n[a]: https://example.org")
    assert "<a" not in render("[a]")


# Reading Markdown -----------------------------------------------------------------------------------------


def test_citation_keys_in_order_of_first_use():
    assert prose.citation_keys("B [@b-1]. A [@a] [@b-1].") == ["b-1", "a"]


def test_entry_links():
    text = "[x](drug:pembrolizumab), [y](side-effect:fever), [z](https://example.org/a_(b)), [w](planet:mars)"
    assert prose.entry_links(text) == [("drug", "pembrolizumab"), ("side-effect", "fever")]
    assert prose.links(text)[2] == "https://example.org/a_(b)"


def test_plain_has_no_marks():
    text = "**Call** us [@a] [@b].\n\n- [fever](side-effect:fever) of 38 [@a]\n\n### Head\n\n"
    text += "| a | b |\n|---|---|\n| 1 | 2 |"
    assert prose.plain(text) == "Call us.\nfever of 38\nHead\na, b\n1, 2"


def test_words():
    assert prose.words("Don't take 1,000 mg [@a] of *IL-2*.") == [
        "Don't",
        "take",
        "1,000",
        "mg",
        "of",
        "IL-2",
    ]


def test_blocks_know_their_lines():
    blocks = prose.blocks("One\nstill one\n\n- two\n- three\n  goes on\n\n### four\n| a |\n|---|\n| 5 |")
    assert [(block.kind, block.line) for block in blocks] == [
        ("paragraph", 0),
        ("item", 3),
        ("item", 4),
        ("heading", 7),
        ("row", 8),
        ("row", 10),
    ]
    assert blocks[2].text == "three goes on"


@pytest.mark.parametrize(
    ("untidy", "tidy"),
    [
        ("a  \n\n\n\nb\r\n", "a\n\nb"),
        ("a\n- b\n- c\nd", "a\n\n- b\n- c\nd"),
        ("### a\nb", "### a\n\nb"),
        ("a\n| b |\n|---|\n| c |", "a\n\n| b |\n|---|\n| c |"),
        ("- a\n  goes on\n  - b\n- c", "- a\n  goes on\n  - b\n- c"),
    ],
)
def test_tidy(untidy: str, tidy: str):
    assert prose.tidy(untidy) == tidy


@given(st.text(alphabet="ab \n-#|1.*+>\t", max_size=60))
@settings(max_examples=200, deadline=None)
def test_tidy_twice_is_tidy_once(text: str):
    assert prose.tidy(prose.tidy(text)) == prose.tidy(text)


# Hostile input --------------------------------------------------------------------------------------------

PLAIN_TAGS = ["p", "br", "hr", "strong", "em", "sup", "ul", "li", "blockquote"]
PLAIN_TAGS += ["table", "thead", "tbody", "tr", "h2", "h3", "h4", "h5", "h6"]
ALLOWED = {
    "a": {"href", "class", "rel", "aria-label", "data-n"},
    "div": {"class", "role", "tabindex", "aria-label"},
    "th": {"scope", "class"},
    "td": {"class", "data-label"},
    "ol": {"start"},
    **{tag: set() for tag in PLAIN_TAGS},
}


class Inspector(HTMLParser):
    """Reads what a browser would, and complains about anything that is not on the list."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert tag in ALLOWED, f"<{tag}>"
        for name, value in attrs:
            assert name in ALLOWED[tag], f"<{tag} {name}>"
            if name == "href":
                target = "".join(character for character in (value or "") if character > " ").lower()
                assert target.startswith(("http://", "https://", "mailto:", "tel:", "/", "#", "?")), target
                assert not target.startswith(("//", "/\\")), target

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"<?{data}>")

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"<!--{data}-->")


def tags_in(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.tags


HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<p onclick=alert(1)>x</p>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<style>*{background:url(javascript:alert(1))}</style>",
    '<div style="width:expression(alert(1))">x</div>',
    "<object data='data:text/html;base64,PHNjcmlwdD4='></object>",
    "<!-- --><script>alert(1)</script>",
    "<!DOCTYPE html><?php echo 1 ?>",
    "<base href='//evil.example'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action='//evil.example'><input name=q></form>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](java&#x09;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A&#x61&#x6C&#x65&#x72&#x74&#x28&#x31&#x29)",
    "[x](javascript&colon;alert(1))",
    "[x](javascript\\:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](\u00a0javascript:alert(1))",
    "[x]( javascript:alert(1) \"t\")",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](\\\\evil.example)",
    "[x](https:evil.example)",
    "[x](drug:pembrolizumab\" onclick=\"alert(1))",
    "[x](drug:../../admin)",
    "[a]\n\n[a]: javascript:alert(1)",
    "[a][b]\n\n[b]: java&#115;cript:alert(1) \"t\"",
    "[a]: data:text/html,x\n\n![a]",
    "<javascript:alert(1)>",
    "<JAVASCRIPT&colon;alert(1)>",
    "<https://example.org/\"onmouseover=alert(1)>",
    "[x](https://example.org \"title\\\" onmouseover=alert(1) \")",
    "[x](https://example.org/<script>alert(1)</script>)",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.gif)",
    "[![x](https://evil.example/p.gif)](javascript:alert(1))",
    "[outer [inner](javascript:alert(1))](https://example.org)",
    "[x [@jama-2018]](javascript:alert(1))",
    "[@jama-2018\" onclick=\"alert(1)]",
    "[@<script>]",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "```\n<script>alert(1)</script>\n```",
    "| <script>alert(1)</script> | b |\n|---|---|\n| [x](javascript:alert(1)) | <b onclick=1> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x02klzzwxh:0000\x03",
    "\x02wzxhzdk:0\x03<script>",
    "<a href=\"https://example.org\" style=\"x\" id=\"login\" name=\"body\">x</a>",
    "\u202e<script>",
    "<" * 200 + "[" * 200,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str):
    for html in (render(text), render_inline(text), render(f"- {text}\n\n### {text}")):
        tags_in(html)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_not_break_reading(text: str):
    assert isinstance(prose.plain(text), str)
    prose.entry_links(text)
    prose.citation_keys(text)


def test_a_resolver_cannot_bring_in_a_script_either():
    html = prose.render(
        "[x](drug:a)", citations=prose.Citations(()), resolve=lambda kind, slug: "javascript:alert(1)"
    )
    tags_in(html)
    assert "javascript" not in html


SCRAPS = [
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    "\\",
    "\n",
    "\n\n",
    "- ",
    "| ",
    "# ",
    "&",
    ";",
    "@",
    "drug:",
    "*",
    "\x02",
    "\x03",
]
FRAGMENTS = st.sampled_from([*HOSTILE, *SCRAPS])


@given(st.lists(FRAGMENTS | st.text(max_size=8), max_size=8).map("".join))
@example("[](javascript:x)")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_gives_only_allowed_html(text: str):
    tags_in(render(text))
    tags_in(render_inline(text))


@pytest.mark.parametrize(
    "text", ["[" * 2_000, "*" * 5_000, "[@" * 1_000, " " * 10_000 + "[@", "| " * 3_000, "[a](" * 800]
)
def test_no_text_takes_long(text: str):
    """A draft with such a line must not stop a worker. Counts our own work only, so that a busy machine passes."""
    start = time.process_time()
    render(text)
    prose.plain(text)
    assert time.process_time() - start < 3
