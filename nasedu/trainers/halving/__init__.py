"""Successive halving: train many a little, and go on with the best.

successive_halving.py  the algorithm, rung by rung, and the trainer around a trainer
halving.py             one bracket
hyperband.py           several brackets
"""
