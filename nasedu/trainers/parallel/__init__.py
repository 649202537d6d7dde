"""Many workers for one trainer: threads, processes, or the machines of a cluster.

trainer.py     `Parallel`, the trainer around a trainer
dispatcher.py  sends calls to workers; sends a call again if its worker dies
requests.py    what is sent to a worker, and what the worker does with it
pickling.py    whether a trainer can be pickled
executor.py    an executor that can be restarted
processes.py   worker processes on this machine, and how they ended
dask.py        the workers of a dask cluster
watchdog.py    ends a worker that hangs
threads.py     cores and time for each worker
"""
