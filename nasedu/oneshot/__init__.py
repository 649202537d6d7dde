"""Floor 4: one set of weights for a whole space, instead of a training for each network.

Each algorithm is a generator of its own steps.

    supernet.py         the shared weights; an architecture reads its own part of them
    spos.py             trains them: uniform paths (SPOS), strict fairness (FairNAS)
    enas.py             trains weights and a policy that draws paths, in turn (ENAS)
    batch_norm.py       normalises with running, batch or re-estimated statistics
    scoring.py          the answers of many architectures; layers with which several begin are computed once
    shared_trainer.py   a trainer like any other, which scores with shared weights: `trainers.load("shared", ...)`
    edges.py            the edges of a space's cells, as the rows of a table; from a table to a cell
    mixture.py          a network with every operation on every edge, added up by shares
    gdas.py             from alpha to shares: softmax (DARTS), gumbel (GDAS), sigmoid (Fair DARTS)
    search_settings.py  what can be set in a differentiable search
    mixture_search.py   a mixture on a task: alpha, two halves of the examples, losses, a state
    darts.py            DARTS of first and second order
    pdarts.py           P-DARTS: three stages, deeper and with fewer operations
    eigenvalue.py       the largest eigenvalue of the Hessian in alpha, and when it says stop
    selection.py        a cell by the largest alpha, or by perturbation
    two_operations.py   the smallest mixture, in which the best alpha is known
    methods.py          the methods by name: DARTS, P-DARTS, GDAS, ENAS, SPOS
    searches.py         each of them with one face: steps, a network at the end, a state
    against_random.py   a derived network trained alone, compared with random ones at the same compute
    search_state.py     where a search was left, as a safetensors file
"""
