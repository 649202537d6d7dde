"""Floor 5: one set of weights for a whole space: supernets, mixtures, and the searches that train them."""
