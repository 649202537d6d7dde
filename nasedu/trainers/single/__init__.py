"""The training of one network, and the trainer that trains one network after the other.

sequential.py        the reference trainer: one network after the other
network_trainer.py   what it shares with the population trainer: settings, data, one training, the test
training_loop.py     the loop of one epoch: a step of the optimiser for each batch
training.py          one network while it is trained: order of the examples, checkpoints
network.py           from an architecture to a network with drawn weights
norm_and_dropout.py  what a recipe adds to a network
initialise.py        weights from a generator
optimiser.py         optimisers, and the learning rate at every step
losses.py            what a training minimises
augment.py           training images that are moved, turned, covered, mixed
training_record.py   time, curve and failure of one training
folds.py             cross-validation and several tasks: one score from several trainings
metrics.py           accuracy, R2, ... of a network's outputs
model_size.py        parameters and FLOPs
zero_cost.py         scores without training
devices.py           CPU or GPU, cores, precision
gradient_descent.py  gradient descent with nothing hidden, for lesson 02
"""
