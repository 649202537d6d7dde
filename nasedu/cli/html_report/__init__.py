"""The report of a study as one page: no script, no further file, nothing that is fetched.

    page.py         the page as a whole
    sections.py     what stands in each section, as plain data for the template
    tested.py       the test of the network, and of everybody who answered the same examples
    facts.py        what is found again around a study: its task, its space, its network
    rivals.py       linear models and trees on the same split
    comparison.py   who is better on the same test examples, and whether they are enough to tell
    latency.py      how long the network takes for an answer on this machine
    figures.py      plots as SVG that takes the colours of the page
    command.py      the command that makes a study again

`page.html` is the template, `page.css` its style.
"""

from nasedu.cli.html_report.page import page_of

__all__ = ["page_of"]
