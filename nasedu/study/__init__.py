"""Floor 4: studies, searches that can be stopped at any moment and go on as if they had never been stopped."""

from nasedu.study.best import best_trial, ranking
from nasedu.study.dataframe import dataframe_of
from nasedu.study.identity import identity_of, may_be_same, without_budget, without_data, without_evidence
from nasedu.study.loop import Study
from nasedu.study.replaying import replay

__all__ = [
    "Study",
    "best_trial",
    "dataframe_of",
    "identity_of",
    "may_be_same",
    "ranking",
    "replay",
    "without_budget",
    "without_data",
    "without_evidence",
]
