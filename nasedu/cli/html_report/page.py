"""The page as a whole: the facts are gathered, each section says what it has, and the template puts it in order."""

from datetime import date
from pathlib import Path

from nasedu import __version__
from nasedu.cli.html_report import sections
from nasedu.cli.html_report.facts import gather
from nasedu.cli.html_report.tested import test_of
from nasedu.cli.messages import say
from nasedu.cli.study_record import StudyRecord
from nasedu.core.themes import svg_rules

HERE = Path(__file__).parent


def page_of(record: StudyRecord, baseline: StudyRecord | None, store: str, number: int, *, rivals: bool = True) -> str:
    """Return the page of one study.

    Args:
        record: the study.
        baseline: random search of the same length in the same store; None if there is none.
        store: where the network of a finished study is.
        number: of the study in that store.
        rivals: whether simple models are trained on the same split.
    """
    from jinja2 import Environment, StrictUndefined

    facts = gather(record, baseline, store, number)
    for sentence in facts.missing:
        say(f"note: {sentence}")
    tested = test_of(facts, with_rivals=rivals)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((HERE / "page.html").read_text(encoding="utf-8"))
    return template.render(
        css=(HERE / "page.css").read_text(encoding="utf-8") + svg_rules(inside="svg "),
        version=__version__,
        today=date.today().isoformat(),
        missing=facts.missing,
        headline=sections.headline(facts, tested),
        network=sections.network(facts),
        reading=sections.reading(facts),
        test=tested,
        search=sections.search(facts),
        choices=sections.choices(facts),
        made=sections.made(facts),
    )
