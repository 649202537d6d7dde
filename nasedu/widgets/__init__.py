"""Floor 6: widgets for students. Each also shows itself, without buttons, if no kernel runs."""

import importlib
from typing import Any

_PLACES = {
    "AcquisitionExplorer": "nasedu.widgets.acquisition_explorer",
    "AdaptationPlayer": "nasedu.widgets.adaptation_player",
    "AlphaPlayer": "nasedu.widgets.alpha_player",
    "Canvas": "nasedu.widgets.canvas",
    "EpisodeViewer": "nasedu.widgets.episode_viewer",
    "Explorer": "nasedu.widgets.explorer",
    "Film": "nasedu.widgets.film",
    "Frame": "nasedu.widgets.film",
    "LiveStudy": "nasedu.widgets.live_study",
    "LiveSupernet": "nasedu.widgets.live_supernet",
    "PathSampler": "nasedu.widgets.path_sampler",
    "Player": "nasedu.widgets.player",
    "Predict": "nasedu.widgets.predict",
    "Quiz": "nasedu.widgets.quiz",
    "Race": "nasedu.widgets.race",
    "Reveal": "nasedu.widgets.predict",
    "ScoreScatter": "nasedu.widgets.score_scatter",
    "TaskMap": "nasedu.widgets.task_map",
}

__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    """Import a widget at its first use, because the import of ipywidgets takes time."""
    if name not in _PLACES:
        raise AttributeError(f"module 'nasedu.widgets' has no attribute {name!r}; it has: {', '.join(_PLACES)}")
    return getattr(importlib.import_module(_PLACES[name]), name)
