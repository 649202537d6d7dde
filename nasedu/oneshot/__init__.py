"""Floor 4: one set of weights for a whole space, instead of a training for each network.

Each algorithm is a generator of its own steps.

    supernet.py  the shared weights; an architecture reads its own part of them
"""
