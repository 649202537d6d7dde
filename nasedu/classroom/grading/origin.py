"""What is noted about a submission: `origin.json` beside the notebook, in submitted/STUDENT/ASSIGNMENT/.

    {"folder": "Ann Smith_1234_assignsubmission_file_", "time": "2026-11-02 10:00:00 UTC", "platform": "moodle",
     "number": "1234", "notebook": "04 (1).ipynb", "digest": "...", "notes": ["..."], "problem": ""}

`folder` is the name that the platform gave to the student's folder or file; an archive of feedback takes it back.
`time` is the time of handing in, empty if the platform does not tell it. `problem` says why nothing could be graded;
an empty notebook stands for what was handed in, so that the report and the feedback have this reason.
"""

import json
from pathlib import Path
from typing import Any

from nasedu.classroom.grading.roster import ORIGIN as NAME

LONGEST = 100_000


def note(place: Path, **about: Any) -> None:
    """Add to what is noted about the submission in a folder."""
    path = place / NAME
    data = {**read_origin(place), **about}
    if path.is_symlink() or not path.is_file():
        path.unlink(missing_ok=True)
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def read_origin(folder: Path) -> dict[str, Any]:
    """Return what is noted about the submission in a folder; empty if nothing is, or if it cannot be read."""
    path = folder / NAME
    try:
        if path.is_symlink() or path.stat().st_size > LONGEST:
            return {}
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def problem_of(notebook: Path) -> str:
    """Return why there is nothing to grade, if an empty notebook stands for what was handed in; else nothing."""
    try:
        if notebook.stat().st_size:
            return ""
    except OSError:
        return ""
    problem = read_origin(notebook.parent).get("problem")
    return problem if isinstance(problem, str) else ""
