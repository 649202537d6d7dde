"""Successive halving: train many candidates for few epochs, and continue with the best.

successive_halving.py  the algorithm, rung by rung, and the trainer around a trainer
halving.py             one bracket: one schedule of how many candidates reach how many epochs
hyperband.py           several brackets
"""
