"""Many workers for one trainer: threads, processes, or the machines of a cluster.

trainer.py     `Parallel`, the trainer around a trainer
dispatcher.py  sends requests to workers, again if a worker dies
requests.py    what travels to a worker, and what the worker does with it
executor.py    an executor that can be made again
processes.py   worker processes on this machine
watchdog.py    ends a worker that hangs
failures.py    why a worker ended
pickling.py    whether a trainer can travel
threads.py     cores and time for each worker
dask.py        the workers of a dask cluster
"""
