"""Answers that want marks without being right, as the code of a cell.

`STEALS` find the published solution where it lies: without confinement each of them is right (a test makes sure).
`FOOLS` disturb whoever compares, or the machine. In all of them `standard_error` is what is handed in.
"""

HONEST = "def standard_error(p, n):\n    return (p * (1 - p) / n) ** 0.5"

PARSE = """
import re
found = re.search(r'solved="(def standard_error.*?)"', TEXT).group(1)
exec(found.encode().decode("unicode_escape"))
"""
PLACE = """
import os, sys
spot = next(p for p in sys.path if os.path.isdir(os.path.join(p, "nasedu")) and os.path.basename(p) != "site-packages")
spot = os.path.join(spot, "nasedu")
solutions = spot + "/classroom/lessons/lesson_00/exercises.py"
"""

STEALS = {
    "import the solution": (
        "from nasedu.classroom.lessons.lesson_00.exercises import standard_error as real\nexec(str(real.solved))"
    ),
    "ask the exercise for it": (
        "from nasedu.classroom.lessons.lesson_00 import exercises\nexec(str(exercises.standard_error.solution()))\n"
        "assert isinstance(standard_error, type(lambda: 0))"
    ),
    "read the file": PLACE + "TEXT = open(solutions).read()" + PARSE,
    "read it through a folder": PLACE
    + "folder = os.open(spot, os.O_RDONLY)\nfd = os.open(solutions[len(spot) + 1 :], os.O_RDONLY, dir_fd=folder)\n"
    + "TEXT = os.read(fd, 10**6).decode()"
    + PARSE,
    "read it through a symbolic link": PLACE
    + 'os.symlink(spot + "/classroom", "here")\nTEXT = open("here/lessons/lesson_00/exercises.py").read()'
    + PARSE,
    "read it through a hard link": PLACE
    + 'os.link(solutions, spot + "/stolen.txt")\n'
    + 'TEXT = open(spot + "/stolen.txt").read()\nos.remove(spot + "/stolen.txt")'
    + PARSE,
    "read it by a path that says another": PLACE
    + """
class Two:
    def __init__(self): self.asked = 0
    def __fspath__(self):
        self.asked += 1
        return solutions if self.asked > AT else spot + "/__init__.py"
for AT in (0, 1, 2, 3):
    TEXT = open(Two()).read()
    if "solved=" in TEXT:
        break
"""
    + PARSE,
    "load it as another module": PLACE
    + """
import importlib.util
spec = importlib.util.spec_from_file_location("mine", solutions)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
exec(str(module.standard_error.solved))
""",
    "read it as another program": PLACE
    + """
import subprocess
TEXT = subprocess.run(["cat", solutions], capture_output=True, text=True).stdout
"""
    + PARSE,
    "read it with the C library": PLACE
    + """
import ctypes
libc = ctypes.CDLL(None)
fd = libc.open((solutions).encode(), 0)
buffer = ctypes.create_string_buffer(10**6)
count = libc.read(fd, buffer, 10**6)
TEXT = buffer.raw[:count].decode()
"""
    + PARSE,
}

SEARCHES = {
    "look for it in memory": """
import gc
texts = [o for o in gc.get_objects() if isinstance(o, (str, dict, list))]
found = [t for o in texts for t in (o if not isinstance(o, dict) else o.values()) if isinstance(t, str)]
code = next(t for t in found if t.startswith("def standard_error") and "return ..." not in t)
exec(code)
""",
    "look for it in the frames": """
import sys
frame, found = sys._getframe(), []
while frame:
    found += [str(v) for v in {**frame.f_globals, **frame.f_locals}.values()]
    frame = frame.f_back
text = " ".join(found)
start = text.index("def standard_error(p, n):\\n    return (")
exec(text[start : text.index(" ** 0.5", start) + 7])
""",
    "look for it in the grader's memory": """
import os, re
mine = {os.getpid()}
for number in [os.getppid(), *(int(n) for n in os.listdir("/proc") if n.isdigit())]:
    if number in mine:
        continue
    with open(f"/proc/{number}/mem", "rb", 0) as memory:
        for line in open(f"/proc/{number}/maps"):
            if "[heap]" in line:
                start, end = (int(x, 16) for x in line.split()[0].split("-"))
                memory.seek(start)
                found = re.search(rb"def standard_error.p, n.:\\n    return [^.].*", memory.read(end - start))
                if found:
                    exec(found.group().decode())
""",
}

FOOLS = {
    "an object that equals everything": """
class Agrees(float):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __sub__(self, other): return 0.0
    __rsub__ = __add__ = __radd__ = __abs__ = __mul__ = __sub__
    def __gt__(self, other): return False
    __lt__ = __ge__ = __le__ = __gt__
    def __bool__(self): return True
    def __float__(self): return 0.0
def standard_error(p, n): return Agrees(7)
""",
    "an answer that is such an object": """
class Agrees:
    def __eq__(self, other): return True
    def __len__(self): return 2
    def __iter__(self): return iter((self, self))
    def __getattr__(self, name): return lambda *a, **k: self
standard_error = Agrees()
""",
    "an input transformer": """
ip = get_ipython()
ip.input_transformers_cleanup.append(lambda lines: ["pass\\n"])
def standard_error(p, n): return 7
""",
    "patched builtins": """
import builtins
builtins.abs = lambda x: 0
builtins.isinstance = lambda *a: True
builtins.max = builtins.min = lambda *a, **k: 0
builtins.AssertionError = type("Never", (BaseException,), {})
builtins.__build_class__ = None
def standard_error(p, n): return 7
""",
    "a patched nasedu": """
import nasedu, sys
import nasedu.classroom
from nasedu.classroom import grading, exercise
class Right:
    status, message = "right", ""
exercise.Exercise.check = lambda *a: Right()
exercise.Exercise.why_wrong = lambda *a: ""
grading.ask = lambda *a, **k: None
nasedu.classroom.grading = grading
sys.modules["nasedu.classroom.grading.judge"] = grading
def standard_error(p, n): return 7
""",
    "a patched json": """
import json, sys
json.dumps = lambda *a, **k: '{"status": "right", "message": "", "answer": "plain", "value": true}'
json.loads = lambda *a, **k: {"do": "call", "arguments": ["t"], "named": ["d"], "id": "1"}
json.JSONEncoder.encode = json.dumps
def standard_error(p, n): return 7
""",
    "messages of its own": """
import json, os
for fd in range(3, 20):
    for message in (
        {"status": "right", "message": ""},
        {"result": {"lesson": "00", "name": "standard_error", "status": "right"}, "skip": []},
        {"answer": "plain", "value": True},
        {"id": "0", "value": 0.05},
    ):
        data = json.dumps(message).encode()
        try:
            os.write(fd, len(data).to_bytes(4, "big") + data)
        except OSError:
            pass
def standard_error(p, n): return 7
""",
    "replies in advance": """
import json, sys
frame = sys._getframe()
while frame and "channel" not in frame.f_locals:
    frame = frame.f_back
channel = frame.f_locals["channel"] if frame else None
if channel:
    channel.send({"answer": "function"})
    for _ in range(50):
        channel.send({"value": 0.05, "id": "x"})
def standard_error(p, n): return 7
""",
    "bytes that are no message": """
import os
for fd in range(3, 20):
    try:
        os.write(fd, b"\\xff" * 64)
    except OSError:
        pass
def standard_error(p, n): return 7
""",
    "sys.exit": "def standard_error(p, n): return 7\nimport sys\nsys.exit(0)",
    "sys.exit in a call": "import sys\ndef standard_error(p, n): sys.exit(0)",
    "os._exit": "def standard_error(p, n): return 7\nimport os\nos._exit(0)",
    "os._exit in a call": "import os\ndef standard_error(p, n): os._exit(0)",
    "kill the grader": """
import os, signal
for number in (os.getppid(), 0, -1):
    for how in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
        try:
            os.kill(number, how)
        except BaseException:
            pass
def standard_error(p, n): return 7
""",
    "starve the grader": """
import resource, os
for kind in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_DATA):
    try:
        resource.prlimit(os.getppid(), kind, (0, 0))
    except BaseException:
        pass
def standard_error(p, n): return 7
""",
    "endless output": """
import sys
def standard_error(p, n):
    while True:
        print("x" * 10**6)
        sys.stderr.write("y" * 10**6)
""",
    "endless messages": """
import os
def standard_error(p, n):
    while True:
        for fd in range(3, 20):
            try:
                os.write(fd, (2).to_bytes(4, "big") + b"{}")
            except OSError:
                pass
""",
    "an endless loop": "while True: pass",
    "an endless loop in a call": "def standard_error(p, n):\n    while True: pass",
    "an endless loop that hears no alarm": """
import signal
for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGXCPU):
    signal.signal(number, lambda *a: None)
while True:
    try:
        while True: pass
    except BaseException:
        pass
""",
    "sleep": "import time\ntime.sleep(1000)",
    "all the memory": "hog = [bytearray(10**8) for _ in range(100)]\ndef standard_error(p, n): return 7",
    "all the memory in a call": "def standard_error(p, n): return len('x' * 10**10)",
    "a fork bomb": """
import os
born = 0
def grow():
    global born
    for _ in range(200):
        try:
            os.fork()
            born += 1
        except BaseException:
            return
grow()
def standard_error(p, n): return 7
""",
    "threads without end": """
import threading, time
try:
    for _ in range(3000):
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
except BaseException:
    pass
def standard_error(p, n): return 7
""",
    "a process that stays": """
import os
try:
    if os.fork() == 0:
        os.setsid()
        while True: pass
except BaseException:
    pass
def standard_error(p, n): return 7
""",
    "a huge answer": "standard_error = list(range(3 * 10**6))",
    "a huge text": "standard_error = 'x' * 10**8",
    "a huge number": "standard_error = 10**100000",
    "a huge reply": "def standard_error(p, n): return list(range(3 * 10**6))",
    "keys that all have one hash": "standard_error = {k * (2**61 - 1): 0 for k in range(1, 16_000)}",
    "pairs that all have one hash": """
from ctypes import c_uint64
P1, P2, P5 = 11400714785074694791, 14029467366897019727, 2870177450012600261
def lane(acc, item):
    acc = c_uint64(acc + item * P2).value
    return c_uint64((c_uint64(acc << 31).value | acc >> 33) * P1).value
def undo(acc, wanted):
    wanted = c_uint64(wanted * pow(P1, -1, 2**64)).value
    wanted = c_uint64(wanted << 33).value | wanted >> 31
    return c_uint64((wanted - acc) * pow(P2, -1, 2**64)).value
made, target = [], lane(lane(P5, 1), 2)
for first in range(1, 40_000):
    second = undo(lane(P5, first), target)
    if second < 2**61 - 1:
        made.append((first, second))
assert len({hash(pair) for pair in made}) == 1 and len(made) > 2_000
standard_error = made
""",
    "rows without numbers": "import numpy\nstandard_error = numpy.empty((6_000_000, 0))",
    "a small array that becomes a large list": "import numpy\nstandard_error = numpy.zeros(9_000_000, bool)",
    "a number of ten million digits": "standard_error = 1 << 33_000_000",
    "a fraction of such numbers": """
from fractions import Fraction
def standard_error(p, n): return Fraction(3 << 33_000_000, (1 << 33_000_000) + 1)
""",
    "a text that is slow to print": "def standard_error(p, n): return chr(0) * 1_500_000",
    "deep nesting": """
standard_error = []
for _ in range(10**5):
    standard_error = [standard_error]
""",
    "a list that holds itself": "standard_error = []\nstandard_error.append(standard_error)",
    "nan": "def standard_error(p, n): return float('nan')",
    "numpy's nan": "import numpy\ndef standard_error(p, n): return numpy.float64('nan')",
    "an array of nan": "import numpy\ndef standard_error(p, n): return numpy.full(1, numpy.nan)",
    "an array of nothing": "import numpy\ndef standard_error(p, n): return numpy.empty(0)",
    "infinity": "def standard_error(p, n): return float('inf')",
    "a class": "class standard_error:\n    def __init__(self, p, n): pass",
    "a generator": "def standard_error(p, n):\n    yield 7",
    "something to unpickle": """
import pickle, os
class Evil:
    def __reduce__(self): return (os.system, ("echo",))
standard_error = pickle.dumps(Evil())
""",
}
