"""What somebody with an editor's account types to have a script run, past Markdown: one line for each way."""

from __future__ import annotations

from dataclasses import dataclass

CALL = "window.ran = 1"


@dataclass(frozen=True)
class Typed:
    """The first line fits into every field. What a browser makes of one has the attribute `data-typed`."""

    case: str
    name: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.lines)


TYPED = [
    Typed(
        "X-S1",
        "script-tag",
        (
            f"<script data-typed>{CALL}</script>",
            f"<scr<script>ipt data-typed>{CALL}</script>",
            "<script data-typed src=//127.0.0.1/x.js></script>",
        ),
    ),
    Typed(
        "X-S2",
        "handler",
        (
            f'<img data-typed src=x: onerror="{CALL}">',
            f'<details data-typed open ontoggle="{CALL}"><summary>x</summary></details>',
            f'<b data-typed tabindex=0 autofocus onfocus="{CALL}">x</b>',
        ),
    ),
    Typed(
        "X-S3",
        "javascript-address",
        (
            f'<a data-typed href="java&#9;script:{CALL}">x</a>',
            f'<a data-typed href="&#x6A;avascript&colon;{CALL}">x</a>',
            "[x](java\tscript:window.ran=1)",
            "[x](java&#x09;script:window.ran=1)",
            "[x](&#106;avascript&colon;window.ran=1)",
        ),
    ),
    Typed(
        "X-S4",
        "style",
        (
            f'<b data-typed style="width:expression({CALL});color:red">x</b>',
            f"<style data-typed>body {{ background: url(javascript:{CALL}) }}</style>",
            "<style data-typed>@import url(//127.0.0.1/x.css);</style>",
        ),
    ),
    Typed(
        "X-S5",
        "svg",
        (
            f'<svg data-typed onload="{CALL}"></svg>',
            f"<svg data-typed><script>{CALL}</script></svg>",
            '<object data-typed data="data:image/svg+xml,<svg onload=parent.ran=1>"></object>',
            "![x](data:image/svg+xml,<svg/>)",
        ),
    ),
    Typed(
        "X-S6",
        "iframe",
        (
            '<iframe data-typed srcdoc="<script>parent.ran=1</script>"></iframe>',
            f'<iframe data-typed src="javascript:parent.{CALL}"></iframe>',
        ),
    ),
]
