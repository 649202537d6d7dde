"""`nasedu --help`: what it lists, in which order, and that it is there at once."""

import subprocess
import sys

COMMANDS = [
    *("search", "oneshot", "meta", "metatrain", "show", "report", "predict"),
    *("tasks", "spaces", "controllers", "trainers", "priors", "learners"),
    *("lab", "doctor"),
    *("studies", "trials", "lessons", "table", "assignment"),
]


def test_the_commands_are_listed_in_this_order(nasedu):
    result = nasedu("--help")
    assert result.exit_code == 0
    listed = result.stdout.partition("Commands")[2].splitlines()
    words = [line.strip("│ ").split() for line in listed]
    assert [line[0] for line in words if line and line[0] in COMMANDS] == COMMANDS


def test_it_needs_nothing_heavy():
    code = """
import sys
from nasedu.cli import app
app(["--help"], standalone_mode=False)
print(*({"torch", "numpy", "matplotlib", "pandas", "sklearn"} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "nasedu doctor" in done.stdout
    assert done.stderr.split() == []
