"""Floor 4: one set of weights for a whole space, instead of a training for each network.

Each algorithm is a generator of its own steps.

    supernet.py        the shared weights; an architecture reads its own part of them
    spos.py            trains them: uniform paths (SPOS), strict fairness (FairNAS)
    enas.py            trains weights and a policy that draws paths, in turn (ENAS)
    batch_norm.py      normalises with running, batch or re-estimated statistics
    search_state.py    where a training was left, as a safetensors file
    scoring.py         the answers of many architectures; layers with which several begin are computed once
    shared_trainer.py  a trainer like any other, which scores with shared weights: `trainers.load("shared", ...)`
"""
