"""What stays a picture on a page without a kernel says so, and says what to do."""

import re

NOTE = (
    '<p class="needs-kernel">This page shows a saved picture. The buttons need Python: open the lesson on Binder, or '
    "on your own machine.</p>"
)
_RUN = re.compile(r"<p><em>(?:[^<]*\. )?Run this cell [^<]*</em></p>")


def with_note(html: str) -> str:
    """Return the HTML of an output; a picture of a widget that does not work here gets a note."""
    if "data-question=" in html or 'class="nasedu-still ' not in html:
        return html
    without = _RUN.sub("", html)
    return without if "data-nasedu=" in html else without.removesuffix("</div>") + f"{NOTE}</div>"
