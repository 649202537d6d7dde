"""Puts the lessons into the wheel, for `nasedu lab` and `nasedu lessons copy`; an editable install has them anyway."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Lessons(BuildHookInterface):
    """The built notebooks and the pages beside them, without sources and what JupyterLab leaves behind."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        for path in Path(self.root, "notebooks").iterdir():
            if path.is_file() and path.suffix in (".ipynb", ".md", "") and not path.name.startswith("."):
                build_data["force_include"][str(path)] = f"nasedu/notebooks/{path.name}"
