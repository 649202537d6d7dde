"""TPE and Gaussian processes from Optuna: thin adapters to its ask and tell.

TPE: Bergstra, Bardenet, Bengio, Kégl, "Algorithms for Hyper-Parameter Optimization", NIPS 2011. Gaussian processes:
Snoek, Larochelle, Adams, "Practical Bayesian Optimization of Machine Learning Algorithms", NIPS 2012. Optuna: Akiba et
al., KDD 2019.
"""

import warnings
from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue, derive_seed, import_extra


class OptunaSampler(Controller):
    """A walk whose choices an Optuna sampler suggests, one categorical parameter for each step.

    A parameter is named after its place in the walk and the choices that are open there: Optuna needs one set of
    choices for each name. A suggestion that was asked before is not asked again: Optuna is told its reward, and
    asked for another one.

    Args:
        space: the space to choose from.
        startup: architectures drawn at random before the model begins.
        repeats: after this number of suggestions in a row that were asked before, it draws at random.

    Raises:
        MissingExtra: Optuna is not installed.
    """

    def __init__(self, space: Any, *, seed: int = 0, startup: int = 10, repeats: int = 20):
        if startup < 1 or repeats < 1:
            raise BadValue(f"{self.name} needs startup >= 1 and repeats >= 1; given {startup=}, {repeats=}")
        super().__init__(space, seed=seed)
        self.startup = startup
        self.repeats = repeats
        self._optuna = import_optuna()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Optuna warns that some functions used here are experimental
            sampler = self._sampler(derive_seed(seed, self.name) % 2**32)
        self._study = self._optuna.create_study(direction="maximize", sampler=sampler)
        self._open: dict[Architecture, Any] = {}  # Optuna's trial for each architecture that is not told yet

    def _sampler(self, seed: int) -> Any:
        raise BadValue("use TPE or GaussianProcess; OptunaSampler is what they share")

    def ask(self) -> Architecture:
        return self.first_new(self._propose, tries=self.repeats)

    def _propose(self, _attempt: int) -> Architecture:
        trial = self._study.ask()
        architecture = self._walk(trial)
        if self.is_new(architecture):
            self._open[architecture] = trial
        elif architecture in self.rewards:
            self._study.tell(trial, self.rewards[architecture])
        else:
            self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)  # its evaluation is still running
        return architecture

    def _walk(self, trial: Any) -> Architecture:
        state = self.space.start()
        architecture: list[str] = []
        while moves := self.space.moves(state):
            options = list(moves)
            choice = options[0]
            if len(options) > 1:
                choice = trial.suggest_categorical(parameter_name(len(architecture), options), options)
            architecture.append(choice)
            state = moves[choice]
        return tuple(architecture)

    def tell(self, architecture: Architecture, reward: float) -> None:
        super().tell(architecture, reward)
        trial = self._open.pop(architecture, None)
        if trial is not None:
            self._study.tell(trial, float(reward))
        else:
            self._study.add_trial(self._as_trial(architecture, float(reward)))

    def _as_trial(self, architecture: Architecture, reward: float) -> Any:
        """Return an architecture that this sampler did not suggest, with its reward, as a trial of Optuna."""
        chosen, allowed = {}, {}
        for position, (state, choice, _) in enumerate(self.space.walk(architecture)):
            options = list(self.space.moves(state))
            if len(options) > 1:
                name = parameter_name(position, options)
                chosen[name] = choice
                allowed[name] = self._optuna.distributions.CategoricalDistribution(options)
        return self._optuna.trial.create_trial(params=chosen, distributions=allowed, value=reward)


class TPE(OptunaSampler):
    """Tree-structured Parzen estimator: choices that are frequent among good networks and rare among the others."""

    name = "tpe"

    def _sampler(self, seed: int) -> Any:
        return self._optuna.samplers.TPESampler(seed=seed, n_startup_trials=self.startup)


class GaussianProcess(OptunaSampler):
    """Bayesian optimisation with a Gaussian process and the expected improvement.

    It needs a space in which all walks have the same choices at the same places. If open choices depend on earlier
    ones, Optuna models only the parameters that all trials share, and draws the others at random.
    """

    name = "gp"

    def _sampler(self, seed: int) -> Any:
        return self._optuna.samplers.GPSampler(seed=seed, n_startup_trials=self.startup)


def parameter_name(position: int, options: list[str]) -> str:
    """Return one name for each place in the walk and each set of choices that is open there."""
    return f"{position}: {' | '.join(options)}"


def import_optuna() -> Any:
    """Return Optuna, with its messages off. Raise MissingExtra, with the command that installs it."""
    optuna = import_extra("optuna", "surrogates", "the controllers tpe and gp")
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # it warns of each choice that a model passes over
    return optuna
