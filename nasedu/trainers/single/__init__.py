"""One network after the other: the reference trainer, and the parts of a training.

sequential.py        the trainer: validates, stops early, tests
training_loop.py     the loop: epochs, batches, one step of the optimiser
network.py           from an architecture to a network with drawn weights
norm_and_dropout.py  what a recipe adds to a network
initialise.py        weights from a generator
optimiser.py         optimisers, and the learning rate at every step
losses.py            what a training makes small
augment.py           training images that are moved, turned, covered, mixed
training_record.py   time, curve and failure of one training
folds.py             cross-validation and several tasks: one score from several trainings
metrics.py           what answers are worth
model_size.py        parameters and FLOPs
zero_cost.py         scores without training
devices.py           CPU or GPU, cores, precision
gradient_descent.py  gradient descent with nothing hidden, for lesson 02
"""
