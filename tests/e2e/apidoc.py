"""docs/api.md: its examples are read, written for three clients, and played.

A section ``### `model.method` `` holds what the docstring says (between two marks) and
an example: statements in odoorpc's form, the same over XML-RPC and JSON-2, and the
result. ``written(text, results)`` makes all but the first from what is known elsewhere,
so that nothing is kept by hand in three forms; the document stays plain Markdown.

Whoever an example is called as is said by "called as `login`" after a heading.
"""

import ast
import json
import re
from dataclasses import dataclass, field

from caetools import paths, surface

FILE = paths.ROOT / "docs" / "api.md"
RESULTS = paths.ROOT / "tests" / "data" / "api-results.json"
METHODS = paths.ROOT / "tests" / "data" / "api-methods.json"
CLIENTS = {"odoorpc": "odoorpc", "xmlrpc": "XML-RPC", "json2": "JSON-2"}
#: Arguments that odoorpc and XML-RPC may take by their place, and their names.
FIRST = {"create": "vals_list", "search": "domain", "search_read": "domain"}
HEADING = re.compile(r"^### `([\w.]+)\.(\w+)`$")
USER = re.compile(r"called as `(\w+)`")
BUTTONS = "## All buttons"
BEGIN, END = "<!-- from the docstring -->", "<!-- end -->"
WIDTH = 88
#: Values that are others each time: ids, days of today, names of files.
VOLATILE = re.compile(r"(^|_)ids?$|_base64$")
#: Of a quote, which is dated on the day on which it is made.
TODAYS = ("date", "validity")
CUT = "…"


@dataclass
class Example:
    """The example of a method, and the lines of the document that hold it.

    :param shared: statements that call nothing, the same for all clients
    :param calls: statements of odoorpc's form
    :param result: what the document shows, None when it shows nothing
    :param lines: the first and the last
    """

    model: str
    method: str
    user: str
    shared: str = ""
    calls: list[ast.stmt] = field(default_factory=list)
    result: object = None
    lines: tuple[int, int] = (0, 0)

    @property
    def key(self):
        return f"{self.model}.{self.method}"

    def form(self, client):
        """The statements as a client writes them."""
        return "\n".join(statement(call, client) for call in self.calls)


# Reading -----------------------------------------------------------------------------


def examples(text):
    """All examples, in the order in which they are played."""
    found, key, user = [], None, "admin"
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(("## ", "### ")):
            user = user if line.startswith("### ") else "admin"
            match = HEADING.match(line)
            key = match and match.groups()
        elif said := USER.search(line):
            user = said[1]
        elif key and line == "```python":
            found.append(_example(*key, user, lines, number))
            key = None
    return found


def code_under(heading, text):
    """The first block of code under a heading."""
    lines = text.splitlines()
    start = lines.index("```python", lines.index(heading))
    return "\n".join([*lines[start + 1 : lines.index("```", start)], ""])


def _example(model, method, user, lines, start):
    end = lines.index("```", start + 1)
    code = "\n".join(lines[start + 1 : end]).partition(f"\n# {CLIENTS['xmlrpc']}\n")[0]
    nodes = ast.parse(code).body
    shared = [ast.get_source_segment(code, node) for node in nodes if not is_call(node)]
    result, last = _result(lines, end)
    return Example(
        *(model, method, user, "\n".join(shared)),
        [node for node in nodes if is_call(node)],
        result,
        (start, last),
    )


def _result(lines, end):
    """``(value, last line)`` of the result shown after an example."""
    if lines[end + 1 : end + 2] != ["```json"]:
        return None, end
    last = lines.index("```", end + 1)
    return json.loads("\n".join(lines[end + 2 : last])), last


def is_call(node):
    """Whether a statement calls the server."""
    return "odoo.env" in ast.unparse(node)


# Forms -------------------------------------------------------------------------------


def statement(node, client):
    """A statement of odoorpc's form as another client writes it."""
    value = node.value
    target = f"{node.targets[0].id} = " if isinstance(node, ast.Assign) else ""
    model, method, arguments = parts(value, client)
    if client == "odoorpc":
        head = f'odoo.env["{model}"].{method}'
    else:
        head = client
        arguments = [f'"{model}"', f'"{method}"', *arguments]
    line = f"{target}{head}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    lines = packed([f"{argument}," for argument in arguments], WIDTH - 4)
    return "\n".join([f"{target}{head}(", *(f"    {line}" for line in lines), ")"])


def parts(call, client):
    """``(model, method, arguments)`` of a call, as texts."""
    model, method = call.func.value.slice.value, call.func.attr
    first = [source(argument) for argument in call.args]
    if client == "json2":
        first = [f"{FIRST.get(method, 'ids')}={text}" for text in first]
    named = [f"{word.arg}={source(word.value)}" for word in call.keywords]
    return model, method, first + named


def source(node):
    """An expression with double quotes."""
    text = ast.unparse(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return json.dumps(node.value, ensure_ascii=False)
    if isinstance(node, ast.List):
        return f"[{', '.join(map(source, node.elts))}]"
    if isinstance(node, ast.Tuple):
        return f"({', '.join(map(source, node.elts))})"
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return f"{{{', '.join(map(_pair, pairs))}}}"
    return text


def _pair(pair):
    key, value = pair
    return f"**{source(value)}" if key is None else f"{source(key)}: {source(value)}"


# Writing -----------------------------------------------------------------------------


def written(text, results):
    """The document with docstrings, forms and results as they are.

    :param results: ``{key: result}``; what the document shows of a result stays when
        it is still right
    """
    lines = text.splitlines()
    for example in reversed(examples(text)):
        start, last = example.lines
        lines[start : last + 1] = block(example, results.get(example.key))
    return with_docstrings("\n".join(lines) + "\n")


def block(example, result):
    """Lines of an example."""
    code = [*example.shared.splitlines(), *([""] if example.shared else [])]
    for client, name in CLIENTS.items():
        code += [f"# {name}", *example.form(client).splitlines()]
    found = ["```python", *code, "```"]
    shown = example.result
    if result is not None and not is_like(result, shown):
        shown = shortened(result)
    if shown is not None:
        found += ["```json", *packed(atoms(shown), WIDTH), "```"]
    return found


def packed(words, width):
    """Lines of as many words as fit."""
    lines = [""]
    for word in words:
        if lines[-1] and len(f"{lines[-1]} {word}") > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def atoms(value):
    """JSON as words between which a line may end: each has its brackets and comma."""
    if not isinstance(value, list | dict) or not value:
        return [json.dumps(value, ensure_ascii=False)]
    is_object = isinstance(value, dict)
    words = []
    for key, item in value.items() if is_object else enumerate(value):
        inner = atoms(item)
        if is_object:
            inner[0] = f"{json.dumps(key)}: {inner[0]}"
        inner[-1] += ","
        words += inner
    words[0] = ("{" if is_object else "[") + words[0]
    words[-1] = words[-1][:-1] + ("}" if is_object else "]")
    return words


def shortened(value):
    """A result as the document shows it: the first of a list, the start of a text."""
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        first = [shortened(item) for item in value[:1]]
        return first + ([CUT] if len(value) > 1 else [])
    if isinstance(value, str) and len(value) > 60:
        return value[:50] + CUT
    return value


def with_docstrings(text):
    """The document with what the docstrings say under each heading of a method."""
    known = surface.methods()
    result, inside = [], False
    for line in text.splitlines():
        inside = (inside or line == BEGIN) and line != END
        if not inside and line != END:
            result.append(line)
        if match := HEADING.match(line):
            said = surface.described(known[f"{match[1]}.{match[2]}"])
            result += ["", BEGIN, *said.splitlines(), END]
        elif line == BUTTONS:
            told = {
                f"{m[1]}.{m[2]}" for m in map(HEADING.match, text.splitlines()) if m
            }
            result += ["", BEGIN, *buttons(known, told), END]
    return squeezed(result)


def buttons(known, told):
    """A table of what has no section of its own, by model."""
    found = {}
    for key, method in known.items():
        if key not in told:
            found.setdefault(method.model, []).append(f"`{method.name}`")
    rows = [f"| `{model}` | {', '.join(names)} |" for model, names in found.items()]
    return ["| model | methods |", "|---|---|", *rows]


def squeezed(lines):
    """Lines without two empty ones in a row."""
    kept = [
        line
        for number, line in enumerate(lines)
        if line or not number or lines[number - 1]
    ]
    return "\n".join(kept) + "\n"


# Comparing ---------------------------------------------------------------------------


def is_like(found, shown, name=""):
    """Whether a result is what the document shows: ids may be others, "…" is more."""
    if isinstance(shown, dict) and isinstance(found, dict):
        changing = TODAYS if shown.get("kind") == "quote" else ()
        return found.keys() == shown.keys() and all(
            is_like(found[key], shown[key], key) for key in shown if key not in changing
        )
    if isinstance(shown, list) and isinstance(found, list):
        more = shown[-1:] == [CUT]
        kept = shown[:-1] if more else shown
        enough = len(found) > len(kept) if more else len(found) == len(kept)
        return enough and all(map(lambda f, s: is_like(f, s, name), found, kept))
    if VOLATILE.search(name):
        return type(found) is type(shown)
    if isinstance(shown, str) and shown.endswith(CUT):
        return isinstance(found, str) and found.startswith(shown[:-1])
    return found == shown and type(found) is type(shown)


def shape(value):
    """Keys of a result, recursively, with the kinds of values: what is pinned."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in sorted(value.items())}
    if isinstance(value, list):
        merged = None
        for item in value:
            merged = joined(merged, shape(item))
        return [] if merged is None else [merged]
    return "number" if type(value) in (int, float) else type(value).__name__


def joined(one, other):
    """The shape of values of both shapes."""
    if one is None or other is None:
        return one or other
    if one == other:
        return one
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: joined(one.get(key), other.get(key)) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [joined(one[0], other[0])] if one and other else one or other
    if isinstance(one, str) and isinstance(other, str):
        return " or ".join(sorted({*one.split(" or "), *other.split(" or ")}))
    # An object, or False where there is none: what programs read is the object.
    return other if isinstance(one, str) else one


def broken(pinned, found, path):
    """What a program that relies on ``pinned`` would miss in ``found``."""
    if isinstance(pinned, dict):
        if not isinstance(found, dict):
            return [f"{path}: was an object, is {found}"]
        return [
            problem
            for key, kind in pinned.items()
            for problem in (
                broken(kind, found[key], f"{path}.{key}")
                if key in found
                else [f"{path}.{key}: is gone"]
            )
        ]
    if isinstance(pinned, list):
        if not isinstance(found, list):
            return [f"{path}: was a list, is {found}"]
        return broken(pinned[0], found[0], f"{path}[]") if pinned and found else []
    if isinstance(found, str) and set(found.split(" or ")) <= set(pinned.split(" or ")):
        return []
    return [f"{path}: was {pinned}, is {found}"]
