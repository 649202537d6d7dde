"""The headings under which `nasedu search --help` and `nasedu meta --help` sort their options."""

WHAT, HOW_LONG, CARRIED, FINE = "What is searched, and who chooses", "How long", "What it starts from", "Fine control"
