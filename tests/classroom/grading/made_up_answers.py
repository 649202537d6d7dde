"""Made-up answers: a class whose students write independently of each other, and copies that hide where they are from.

Each answer is put together from choices that an author has: which algorithm, which loop, what is stored first, what the
names are. The first option of a choice is the most frequent one. So short answers are often the same, and long ones are
not. `copied` does what a student does with the work of another one: new names, another order, comments, other spaces.
"""

import ast
import random
import re

from nasedu.classroom.grading.ask import find

NAMES = {
    "best": ("best", "best_score", "top", "highest", "record"),
    "since": ("since", "wait", "bad_epochs", "no_gain", "count"),
    "score": ("score", "value", "s", "acc", "x"),
    "epoch": ("epoch", "i", "e", "t", "step"),
    "total": ("total", "s", "result", "acc", "summe"),
    "powers": ("powers", "exps", "e", "numerators", "weights"),
    "probs": ("probs", "p", "softmax", "probabilities", "soft"),
    "out": ("out", "found", "res", "grads", "made"),
    "seen": ("seen", "observed", "target", "actual", "obs"),
    "ways": ("ways", "signs", "combos", "all_signs", "patterns"),
    "count": ("count", "hits", "c", "extreme", "k"),
}


class Author:
    """Somebody who chooses."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.names = {name: self.pick(*options) for name, options in NAMES.items()}
        self.adds = self.pick("{0} += {1}", "{0} = {0} + {1}")
        self.stores_result = self.rng.random() < 0.25

    def pick(self, *options):
        return self.rng.choices(options, [1 / (n + 1) for n in range(len(options))])[0]

    def maybe(self, *lines, chance=0.3):
        return list(lines) if self.rng.random() < chance else []

    def add(self, name, value):
        return self.adds.format(name, value)

    def give(self, value):
        if self.stores_result:
            name = self.pick("result", "answer", "final")
            return [f"{name} = {value}", f"return {name}"]
        return [f"return {value}"]

    def __getitem__(self, name):
        return self.names[name]


def function(head, *parts):
    lines = [line for part in parts for line in ([part] if isinstance(part, str) else part)]
    return "\n".join([head, *(f"    {line}" for line in lines)])


def stops_after(a):
    best, since, score, epoch = a["best"], a["since"], a["score"], a["epoch"]
    lowest = a.pick("curve[0]", "float('-inf')", "-10**9", "-float('inf')", "None")
    better = (
        f"{best} is None or {score} > {best}" if lowest == "None" else a.pick(f"{score} > {best}", f"{best} < {score}")
    )
    loop = a.pick(
        f"for {epoch}, {score} in enumerate(curve):",
        f"for {epoch} in range(len(curve)):",
        f"for {epoch}, {score} in enumerate(curve, start=1):",
        "while",
    )
    style = a.pick("counter", "position", "slices")
    offset = "" if "start=1" in loop else " + 1"
    first = []
    if loop == "while":
        loop, first = f"while {epoch} < len(curve):", [f"{score} = curve[{epoch}]", a.add(epoch, 1)]
        offset = ""
    elif "range" in loop:
        first = [f"{score} = curve[{epoch}]"]
    head = [f"{epoch} = 0"] if "while" in loop else []
    used_up = a.pick(f"{since} >= patience", f"{since} == patience", f"patience <= {since}")
    if style == "slices":
        limit = a.pick("n > patience", "n >= patience + 1")
        test = a.pick(
            "max(curve[n - patience:n]) <= max(curve[:n - patience])",
            "not any(v > max(curve[:n - patience]) for v in curve[n - patience:n])",
        )
        inside = a.pick(
            [f"if {limit} and {test}:", "    return n"], [f"if {limit}:", f"    if {test}:", "        return n"]
        )
        return function(
            "def stops_after(curve, patience):",
            "for n in range(1, len(curve) + 1):",
            [f"    {i}" for i in inside],
            a.give("len(curve)"),
        )
    if style == "position":
        place = a.pick("at", "best_at", "where", "last")
        start = a.pick("0", "-1") if "start=1" not in loop and "while" not in loop else "0"
        inside = [*first, f"if {better}:", f"    {best} = {score}", f"    {place} = {epoch}"]
        inside += a.pick(
            [f"if {epoch} - {place} >= patience:"],
            [f"elif {epoch} - {place} >= patience:"],
            [f"if {epoch} - {place} == patience:"],
        )
        if a.pick(0, 1):
            head = [*head, f"{best} = {lowest}", f"{place} = {start}"]
        else:
            head = [*head, f"{best}, {place} = {lowest}, {start}"]
        if lowest == "curve[0]":
            head = [line.replace("-1", "0") for line in head]
            if "start=1" in loop or "while" in loop:
                head = [
                    line.replace(f"{place} = 0", f"{place} = 1").replace("curve[0], 0", "curve[0], 1") for line in head
                ]
        elif start == "-1":
            head = [line.replace(f"{place} = -1", f"{place} = 0") if line.startswith(place) else line for line in head]
        inside.append(f"    return {epoch}{offset}")
        return function(
            "def stops_after(curve, patience):", head, loop, [f"    {i}" for i in inside], a.give("len(curve)")
        )
    start = [f"{best} = {lowest}", f"{since} = 0"]
    start = a.pick(start, start[::-1], [f"{best}, {since} = {lowest}, 0"])
    if lowest == "curve[0]":
        guard = a.pick(f"{score} > {best} or {epoch} == {'1' if not offset else '0'}", None)
        if guard is None:
            lowest_fixed = a.pick("float('-inf')", "-1e9")
            start = [line.replace("curve[0]", lowest_fixed) for line in start]
        else:
            better = guard
    inside = a.pick(
        [
            f"if {better}:",
            f"    {best} = {score}",
            f"    {since} = 0",
            "else:",
            f"    {a.add(since, 1)}",
            f"if {used_up}:",
            f"    return {epoch}{offset}",
        ],
        [
            f"if {better}:",
            f"    {best} = {score}",
            f"    {since} = 0",
            "else:",
            f"    {a.add(since, 1)}",
            f"    if {used_up}:",
            f"        return {epoch}{offset}",
        ],
        [
            f"if {better}:",
            f"    {best}, {since} = {score}, 0",
            "    continue",
            a.add(since, 1),
            f"if {used_up}:",
            f"    return {epoch}{offset}",
        ],
        [
            f"{since} = 0 if {better} else {since} + 1",
            f"{best} = max({best}, {score})" if lowest != "None" else f"{best} = {score} if {better} else {best}",
            f"if {used_up}:",
            f"    return {epoch}{offset}",
        ],
        [
            f"{a.add(since, 1)}",
            f"if {better}:",
            f"    {since} = 0",
            f"    {best} = {score}",
            f"if {used_up}:",
            f"    return {epoch}{offset}",
        ],
    )
    if "break" in (end := a.pick("return", "break")):
        inside = [line.replace(f"return {epoch}{offset}", "break") for line in inside]
        stop = a.pick("stopped", "trained", "n")
        inside = [*first, f"{stop} = {epoch}{offset}", *inside]
        return function(
            "def stops_after(curve, patience):",
            start,
            head,
            f"{stop} = 0",
            loop,
            [f"    {i}" for i in inside],
            a.give(stop),
        )
    return function(
        "def stops_after(curve, patience):",
        start,
        head,
        loop,
        [f"    {i}" for i in first + inside],
        a.give("len(curve)"),
    ), end


def slope(a):
    powers, total, probs, out = a["powers"], a["total"], a["probs"], a["out"]
    library = a.pick("math", "from math", "numpy")
    exp = {"math": "math.exp", "from math": "exp", "numpy": "np.exp"}[library]
    imports = {"math": "import math", "from math": "from math import exp", "numpy": "import numpy as np"}[library]
    head = "def slope(z, y):"
    if library == "numpy" and a.pick(1, 0):
        shift = a.pick("np.array(z)", "np.asarray(z) - max(z)", "np.array(z, dtype=float)")
        lines = a.pick(
            [
                f"{powers} = np.exp({shift})",
                f"{probs} = {powers} / {powers}.sum()",
                f"{probs}[y] -= 1",
                f"return list({probs})",
            ],
            [
                f"{probs} = np.exp({shift}) / np.sum(np.exp({shift}))",
                "onehot = np.zeros(len(z))",
                "onehot[y] = 1",
                f"return ({probs} - onehot).tolist()",
            ],
            [
                f"{powers} = np.exp({shift})",
                f"{out} = {powers} / np.sum({powers})",
                f"{out}[y] = {out}[y] - 1.0",
                f"return {out}.tolist()",
            ],
        )
        return f"{imports}\n\n{function(head, lines)}"
    var = a.pick("v", "x", "value", "zi")
    shift = a.pick("", "", " - max(z)")
    store = a.pick(
        [f"{powers} = [{exp}({var}{shift}) for {var} in z]"],
        [f"{powers} = []", f"for {var} in z:", f"    {powers}.append({exp}({var}{shift}))"],
        [f"{powers} = list(map({exp}, z))"],
    )
    summed = a.pick(
        [f"{total} = sum({powers})"],
        [f"{total} = 0", f"for q in {powers}:", f"    {a.add(total, 'q')}"],
        [],
    )
    name = total if summed else f"sum({powers})"
    ends = [
        [f"{probs} = [q / {name} for q in {powers}]", f"{probs}[y] -= 1", f"return {probs}"],
        [f"return [q / {name} - (1 if k == y else 0) for k, q in enumerate({powers})]"],
        [
            f"{out} = []",
            "for k in range(len(z)):",
            "    if k == y:",
            f"        {out}.append({powers}[k] / {name} - 1)",
            "    else:",
            f"        {out}.append({powers}[k] / {name})",
            f"return {out}",
        ],
        [f"return [q / {name} - (k == y) for k, q in enumerate({powers})]"],
        [
            f"{probs} = [q / {name} for q in {powers}]",
            "target = [1 if k == y else 0 for k in range(len(z))]",
            f"return [q - t for q, t in zip({probs}, target)]",
        ],
        [
            f"{out} = [0.0] * len(z)",
            "for k in range(len(z)):",
            f"    {out}[k] = {powers}[k] / {name} - int(k == y)",
            f"return {out}",
        ],
        [
            f"{out} = []",
            f"for k, q in enumerate({powers}):",
            f"    p = q / {name}",
            "    if k == y:",
            f"        {a.add('p', '-1')}",
            f"    {out}.append(p)",
            f"return {out}",
        ],
    ]
    return f"{imports}\n\n{function(head, store, summed, a.pick(*ends))}"


def tau(a):
    total, n = a["total"], a.pick("n", "m", "size")
    style = a.pick("sum", "two", "itertools", "signs", "all")
    length = a.pick([f"{n} = len(a)"], [])
    size = n if length else "len(a)"
    pairs = a.pick(
        f"{size} * ({size} - 1) / 2",
        f"({size} * ({size} - 1) / 2)",
        f"({size} ** 2 - {size}) / 2",
        f"{size} * ({size} - 1) // 2",
    )
    inner = a.pick(f"range(i + 1, {size})", "range(i)")
    same = a.pick(
        "(a[i] - a[j]) * (b[i] - b[j]) > 0", "(a[i] > a[j]) == (b[i] > b[j])", "(a[i] < a[j]) == (b[i] < b[j])"
    )
    head = "def tau(a, b):"
    if style == "sum":
        inside = a.pick(
            [f"if {same}:", f"    {a.add(total, 1)}", "else:", f"    {total} -= 1"],
            [
                a.add(total, f"1 if {same} else -1")
                .replace("= " + total + " + 1 if", "= " + total + " + (1 if")
                .replace("else -1", "else -1)")
                if "= " + total + " + 1 if" in a.add(total, "1 if")
                else a.add(total, f"1 if {same} else -1")
            ],
        )
        end = a.pick(f"{total} / ({pairs})", f"2 * {total} / ({size} * ({size} - 1))")
        return function(
            head,
            length,
            f"{total} = 0",
            f"for i in range({size}):",
            f"    for j in {inner}:",
            [f"        {i}" for i in inside],
            a.give(end),
        )
    if style == "two":
        up, down = a.pick(("concordant", "discordant"), ("same", "other"), ("agree", "disagree"), ("c", "d"))
        begin = a.pick([f"{up} = 0", f"{down} = 0"], [f"{up}, {down} = 0, 0"], [f"{up} = {down} = 0"])
        inside = [f"if {same}:", f"    {a.add(up, 1)}", "else:", f"    {a.add(down, 1)}"]
        end = a.pick(f"({up} - {down}) / ({up} + {down})", f"({up} - {down}) / ({pairs})")
        return function(
            head,
            length,
            begin,
            f"for i in range({size}):",
            f"    for j in {inner}:",
            [f"        {i}" for i in inside],
            a.give(end),
        )
    if style == "itertools":
        pair = a.pick("combinations(range(len(a)), 2)", "list(combinations(range(len(a)), 2))")
        lines = a.pick(
            [
                "pairs = list(combinations(range(len(a)), 2))",
                f"good = sum({same} for i, j in pairs)",
                "return (2 * good - len(pairs)) / len(pairs)",
            ],
            [
                f"{total} = 0",
                "number = 0",
                f"for i, j in {pair}:",
                f"    {a.add(total, f'(1 if {same} else -1)')}",
                f"    {a.add('number', 1)}",
                f"return {total} / number",
            ],
            [f"marks = [1 if {same} else -1 for i, j in {pair}]", "return sum(marks) / len(marks)"],
        )
        return f"from itertools import combinations\n\n{function(head, lines)}"
    if style == "signs":
        sign = a.pick(
            "def sign(x):\n    return 1 if x > 0 else -1",
            "sign = lambda x: (x > 0) - (x < 0)",
            "def sign(x):\n    if x > 0:\n        return 1\n    return -1",
        )
        lines = [
            f"{total} = 0",
            f"for i in range({size}):",
            f"    for j in {inner}:",
            f"        {a.add(total, 'sign(a[i] - a[j]) * sign(b[i] - b[j])')}",
        ]
        return f"{sign}\n\n{function(head, length, lines, a.give(f'{total} / ({pairs})'))}"
    marks = a.pick(
        f"[1 if {same} else -1 for i in range({size}) for j in {inner}]",
        f"[{same} for i in range({size}) for j in {inner}]",
    )
    end = "sum(marks) / len(marks)" if "-1 for" in marks else "2 * sum(marks) / len(marks) - 1"
    return function(head, length, f"marks = {marks}", a.give(end))


def flips(a):
    seen, ways, count = a["seen"], a["ways"], a["count"]
    size = a.pick([], ["n = len(differences)"])
    length = "n" if size else "len(differences)"
    product = f"product((1, -1), repeat={length})"
    one = a.pick(
        "sum(s * d for s, d in zip(w, differences))",
        "sum(differences[i] * w[i] for i in range(len(w)))",
        "sum([x * y for x, y in zip(differences, w)])",
    )
    close = a.pick(
        f"abs(t) >= {seen} - 1e-12",
        f"abs(t) >= {seen} - 1e-9",
        f"abs(t) + 1e-12 >= {seen}",
        f"abs(t) > {seen} or abs(abs(t) - {seen}) < 1e-9",
    )
    lines = a.pick(
        [
            f"{count} = 0",
            f"for w in {product}:",
            f"    t = {one}",
            f"    if {close}:",
            f"        {a.add(count, 1)}",
            *a.give(f"{count} / 2 ** {length}"),
        ],
        [f"sums = [{one} for w in {product}]", *a.give(f"sum({close} for t in sums) / len(sums)")],
        [
            f"{ways} = list({product})",
            f"{count} = 0",
            f"for w in {ways}:",
            f"    t = {one}",
            f"    if {close}:",
            f"        {a.add(count, 1)}",
            *a.give(f"{count} / len({ways})"),
        ],
        [
            f"{count} = number = 0",
            f"for w in {product}:",
            f"    t = {one}",
            f"    {a.add('number', 1)}",
            f"    if {close}:",
            f"        {a.add(count, 1)}",
            *a.give(f"{count} / number"),
        ],
        [f"far = [t for t in ({one} for w in {product}) if {close}]", *a.give(f"len(far) / 2 ** {length}")],
    )
    imports = a.pick("from itertools import product", "import itertools")
    code = f"{imports}\n\n{function('def flips(differences):', size, f'{seen} = abs(sum(differences))', lines)}"
    return (
        code.replace(" product(", " itertools.product(").replace("(product(", "(itertools.product(")
        if imports == "import itertools"
        else code
    )


def reads(a):
    out, place, layer = a["out"], a.pick("place", "i", "index", "position"), a.pick("choice", "layer", "name", "c")
    begins = a.pick(f"{layer}.startswith('conv')", f"{layer}[:4] == 'conv'", f"'conv' in {layer}")
    split = a.pick(
        [f"window, filters = map(int, {layer}[4:].split('-'))"],
        [f"window, filters = {layer}.replace('conv', '').split('-')", "window, filters = int(window), int(filters)"],
        [f"parts = {layer}[4:].split('-')", "window = int(parts[0])", "filters = int(parts[1])"],
        [f"window = int({layer}[4])", f"filters = int({layer}.split('-')[1])"],
        [f"window, filters = [int(p) for p in {layer}[4:].split('-')]"],
    )
    channels = a.pick("channels", "inputs", "previous", "last")
    begin = a.pick(
        [f"{out} = []", f"{channels} = 1"], [f"{channels} = 1", f"{out} = []"], [f"{out}, {channels} = [], 1"]
    )
    keep = a.pick(
        [f"{out}.append(({place}, window, filters, {channels}))"],
        [f"{out} += [({place}, window, filters, {channels})]"],
    )
    loop = a.pick(
        [f"for {place}, {layer} in enumerate(architecture):"],
        [f"for {place} in range(len(architecture)):", f"    {layer} = architecture[{place}]"],
    )
    after = [*split, *keep, f"{channels} = filters"]
    inside = a.pick(
        [f"if {begins}:", *(f"    {line}" for line in after)], [f"if not {begins}:", "    continue", *after]
    )
    return function("def reads(architecture):", begin, loop, [f"    {line}" for line in inside], a.give(out))


EXERCISES = {"stops_after": "02", "slope": "02", "flips": "08", "reads": "10", "tau": "10"}


def written_by(seed):
    """The five answers of one author, by exercise."""
    author = Author(seed)
    made = {}
    for name in EXERCISES:
        code = globals()[name](author)
        made[name] = code[0] if isinstance(code, tuple) else code
    return made


def is_right(name, code):
    exercise = find(EXERCISES[name], name)
    return exercise.check(exercise.answer_of(code)).status == "right"


# ---------------------------------------------------------------------- copies


class _Renamed(ast.NodeTransformer):
    def __init__(self, names, rng):
        fresh = [f"{word}_{rng.randrange(100)}" for word in ("alpha", "beta", "hugo", "wert", "tmp", "foo")] * 9
        self.names = {name: f"{word}{n}" for n, (name, word) in enumerate(zip(sorted(names), fresh, strict=False))}

    def visit_Name(self, node):
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node):
        node.arg = self.names.get(node.arg, node.arg)
        return node


def _swapped(body, rng):
    """Neighbours that do not use each other's names change places, half of the time."""
    for n in range(len(body) - 1):
        pair = body[n], body[n + 1]
        plain = all(isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant | ast.List) for one in pair)
        if plain and rng.random() < 0.5:
            body[n : n + 2] = pair[::-1]


def copied(answers, seed):
    """The answers as somebody hands them in who has them from somebody else, and does not want it to be seen."""
    rng = random.Random(seed)
    return {name: _copy(name, code, rng) for name, code in answers.items()}


def _copy(name, code, rng):
    tree = ast.parse(code)
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    tree = _Renamed(bound - {name}, rng).visit(tree)
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            _swapped(node.body, rng)
        if isinstance(node, ast.FunctionDef):
            node.body.insert(0, ast.Expr(ast.Constant("Do what the exercise asks for.")))
    lines = ast.unparse(ast.fix_missing_locations(tree)).splitlines()
    kept = [
        line + ("  # " + rng.choice(("now", "here", "important", "see above")) if rng.random() < 0.3 else "")
        for line in lines
    ]
    return re.sub(r"\n(?=    \w)", lambda found: "\n\n" if rng.random() < 0.2 else found[0], "\n".join(kept))
