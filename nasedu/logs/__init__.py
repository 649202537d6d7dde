"""Floor 4: logs of a search, for programs that draw curves: TensorBoard, and Weights & Biases.

    with TensorBoard("runs/first") as log:
        for trial in study.run(trials=40):
            log(trial)

A log only copies the store. If the log cannot be written, it stops, and the search goes on.
For a log of your own, write `Log.write`.
"""

from nasedu.logs.base import Log, LogStopped
from nasedu.logs.tensorboard import TensorBoard
from nasedu.logs.weights_and_biases import WandB

__all__ = ["Log", "LogStopped", "TensorBoard", "WandB"]
