"""The public methods of our addons, read from their source.

What a program may call is every method of a model without a leading underscore. This
reads them without a server: names, arguments and docstrings, which docs/api.md shows.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import paths

#: Odoo's own methods of every record, which ours override.
OF_RECORDS = {
    *("create", "write", "unlink", "copy", "copy_data", "default_get", "onchange"),
    *("exists", "search_fetch", "fields_get", "message_subscribe", "message_post"),
    "get_filters",
}
#: Those of its contacts and users.
OF_PEOPLE = {"can_edit_vat", "reset_password"}
#: Where models are.
FOLDERS = ("models", "wizards", "report")
#: What only leads a person to another screen.
SCREENS = re.compile(r"action_(cae_)?(open|ask)(_|$)")
FIELD = re.compile(r"^:(param|return|raises)\b ?([^:]*):", re.MULTILINE)


@dataclass(frozen=True)
class Method:
    """A public method.

    :param of_model: ``@api.model``: called without records
    """

    model: str
    name: str
    arguments: tuple[tuple[str, str | None], ...]
    of_model: bool
    doc: str = ""

    @property
    def key(self) -> str:
        """``cae.activity.ledger``"""
        return f"{self.model}.{self.name}"

    @property
    def is_screen(self) -> bool:
        """Whether it only leads a person to another screen."""
        return bool(SCREENS.match(self.name))

    @property
    def signature(self) -> list[str]:
        """``["month", "steps=None"]``: names, defaults and order."""
        return [
            name if default is None else f"{name}={default}"
            for name, default in self.arguments
        ]


def methods() -> dict[str, Method]:
    """``{key: method}`` of our addons; of overrides, the first that is described."""
    found: dict[str, Method] = {}
    for path in _sources():
        for method in _of_file(path):
            known = found.get(method.key)
            if not known or (method.doc and not known.doc):
                found[method.key] = method
    return dict(sorted(found.items()))


def _sources() -> list[Path]:
    return sorted(
        path
        for folder in FOLDERS
        for path in paths.ADDONS.glob(f"cae_*/{folder}/**/*.py")
    )


def _of_file(path: Path) -> Iterator[Method]:
    for node in ast.parse(path.read_text()).body:
        model = _model(node) if isinstance(node, ast.ClassDef) else None
        for function in node.body if model else ():
            if isinstance(function, ast.FunctionDef) and _is_public(function):
                yield _method(model, function)


def _model(node: ast.ClassDef) -> str | None:
    """What a class defines or extends, None for a class that is no model."""
    given = {
        target.id: statement.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    value = given.get("_name") or given.get("_inherit")
    value = value and ast.literal_eval(value)
    return value[0] if isinstance(value, list) else value


def _is_public(function: ast.FunctionDef) -> bool:
    private = any(ast.unparse(d) == "api.private" for d in function.decorator_list)
    theirs = function.name in OF_RECORDS | OF_PEOPLE
    return not (function.name.startswith("_") or theirs or private)


def _method(model: str, function: ast.FunctionDef) -> Method:
    given = function.args.args[1:]
    without = len(given) - len(function.args.defaults)
    defaults = [None] * without + [ast.unparse(d) for d in function.args.defaults]
    return Method(
        model,
        function.name,
        tuple(zip((argument.arg for argument in given), defaults, strict=True)),
        any(ast.unparse(d) == "api.model" for d in function.decorator_list),
        inspect.cleandoc(ast.get_docstring(function) or ""),
    )


# Markdown ----------------------------------------------------------------------------


def described(method: Method) -> str:
    """The docstring as Markdown: words, arguments, result, errors, rights."""
    text, fields = _fields(method.doc)
    parts = [f"`{method.name}({', '.join(method.signature)})`", text]
    told = {name: words for kind, name, words in fields if kind == "param"}
    if method.arguments and told:
        rows = [f"| `{name}` | {told.get(name, '')} |" for name, _d in method.arguments]
        parts.append("\n".join(["| argument | |", "|---|---|", *rows]))
    for kind, name, words in fields:
        if kind == "return":
            parts.append(f"Returns {words}.")
        elif kind == "raises":
            parts.append(f"`{name}`: {words}.")
    return "\n\n".join(part for part in parts if part)


def _fields(doc: str) -> tuple[str, list[tuple[str, str, str]]]:
    """``(words before, [(kind, name, words)])`` of a docstring."""
    parts = FIELD.split(doc)
    fields = [
        (kind, name.split()[-1] if name else "", _line(words))
        for kind, name, words in zip(*(parts[n::3] for n in (1, 2, 3)), strict=True)
    ]
    return _words(parts[0]).strip(), fields


def _line(text: str) -> str:
    return " ".join(_words(text).split()).rstrip(".").replace("|", "\\|")


def _words(text: str) -> str:
    """reStructuredText of our docstrings as Markdown."""
    text = re.sub(r":\w+:`~?([^`]*)`", r"`\1`", text)
    return text.replace("``", "`")
