"""Floor 6: the lessons of a student, which are copies of the built notebooks.

copying.py     `nasedu lessons copy`: copies to work in
jupyterlab.py  `nasedu lab`: JupyterLab on these copies
places.py      where the built notebooks lie
signing.py     trust in the saved outputs of the copies
timings.py     what each lesson took when it was built, for `nasedu doctor`

What builds and checks the notebooks is in `tools/lessons/` of the repository, for authors.
"""
