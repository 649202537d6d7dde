"""Many networks as one batched computation.

trainer.py           divides the work; trains alone what cannot be batched
grouping.py          which networks are trained together
batched_training.py  the loop of a group: epochs, batches, one step for all members
stacking.py          the weights of many networks, stacked
stacked_layers.py    layers that compute all members at once
profile.py           memory and arithmetic of a network, and what it can be stacked with
"""
