"""docs/api.md says what is there, and what was promised is kept.

``CAE_API_WRITE=1 scripts/test e2e -k test_api`` writes the document and the two files
of the contract anew: look at what changed before it is committed.
"""

import ast
import json
import os

import apidoc
import contract
import people
import pytest
from caetools import setup, surface

WRITE = os.environ.get("CAE_API_WRITE") == "1"
#: Logins of examples, and whose they are.
HOLDERS = {"ines": "E0001", "yann": "E0002"}
CONNECTING = {f"### {name}": client for client, name in apidoc.CLIENTS.items()}
ROWS = "### Rows"
#: They have no example: what they need before is long to tell. Other tests call them.
NO_EXAMPLE = {
    "account.bank.statement.line.action_cae_bank_lines",
    "account.move.action_cae_send_back",
    "account.move.line.action_cae_proposals",
    "cae.adoption.action_undo",
    "cae.onboarding.hide",
    "cae.onboarding.open_step",
    "cae.pay.line.action_undo_payment",
    "cae.shared.statement.action_publish_again",
    "cae.surplus.action_decide",
    "cae.surplus.action_undo",
    "cae.workshop.attendance.action_sign",
    "cae.year.action_reopen",
}


class Player:
    """Plays the examples of the document with one client.

    :param results: ``{key: result}`` of the last call of each example
    :param problems: ``{key: what went wrong}``
    """

    def __init__(self, server, client, text):
        self.server, self.client = server, client
        self.admin = contract.Client(server)
        self.connecting = connecting(text)[client]
        self.spaces, self.results, self.problems = {}, {}, {}

    def play(self, examples):
        for example in examples:
            try:
                result = self.run(example)
                contract.require_plain(result)
                self.results[example.key] = result
            except Exception as error:
                self.problems[example.key] = f"{type(error).__name__}: {error}"
        return self

    def run(self, example):
        """The value of the last statement."""
        space = self.space(example.user)
        exec(example.shared, space)
        for statement in ast.parse(example.form(self.client)).body:
            value = compile(ast.Expression(statement.value), example.key, "eval")
            result = eval(value, space)
            if isinstance(statement, ast.Assign):
                space[statement.targets[0].id] = result
        return result

    def space(self, login):
        """Names of a user who is connected as the document says."""
        if login not in self.spaces:
            if login in HOLDERS:
                user = people.create_entrepreneur_user(
                    self.admin, login, HOLDERS[login]
                )
                # odoorpc sends the language of its user, the others none.
                english = {"lang": "en_US"}
                self.admin.call("res.users", "write", ids=[user], vals=english)
            self.spaces[login] = {
                "url": self.server.url,
                "db": self.server.database,
                "login": login,
                "key": self.server.api_key(login),
            }
            exec(self.connecting, self.spaces[login])
        return self.spaces[login]


def connecting(text):
    """``{client: code}`` of the chapter on connecting."""
    rows = apidoc.code_under(ROWS, text)
    return {
        client: apidoc.code_under(heading, text) + rows
        for heading, client in CONNECTING.items()
    }


@pytest.fixture(scope="module")
def text():
    return apidoc.FILE.read_text()


@pytest.fixture(scope="module")
def examples(text):
    return apidoc.examples(text)


@pytest.fixture(scope="module")
def empty(serve, fresh_database):
    """Function that serves an empty company with all addons, quotes too."""

    def make():
        server = serve(fresh_database(setup.full(glue=True)), *contract.PATIENCE)
        client = contract.Client(server)
        people.set_company(client)
        parameter = {"key": "report.url", "value": server.url}
        client.call("ir.config_parameter", "set_param", **parameter)
        client.call("res.users", "write", [2], vals={"lang": "en_US"})
        return server

    return make


@pytest.fixture(scope="module", params=apidoc.CLIENTS)
def played(request, empty, text, examples):
    server = empty()
    player = Player(server, request.param, text).play(examples)
    server.stop()
    if WRITE and request.param == "odoorpc":
        write(player, text)
    return player


def write(player, text):
    """The document and the files of the contract, from what was played."""
    apidoc.FILE.write_text(apidoc.written(text, player.results))
    shapes = {key: apidoc.shape(result) for key, result in player.results.items()}
    kept = dict(sorted(shapes.items()))
    apidoc.RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


# The document ------------------------------------------------------------------------


def test_every_example_works(played):
    assert not played.problems


def test_results_are_those_shown(played, examples):
    wrong = {
        example.key: played.results[example.key]
        for example in examples
        if example.key in played.results and example.result is not None
        if not apidoc.is_like(played.results[example.key], example.result)
    }
    assert not wrong


def test_the_document_is_what_is_generated():
    text = apidoc.FILE.read_text()
    assert apidoc.written(text, {}) == text, "CAE_API_WRITE=1 writes it"


def test_every_method_has_an_example(examples):
    told = {example.key for example in examples}
    for key, method in surface.methods().items():
        wanted = not method.is_screen and (method.of_model or method.arguments)
        assert not wanted or key in told | NO_EXAMPLE, key


# The contract ------------------------------------------------------------------------


def test_public_methods_are_those_promised():
    """Also: a method that became public by accident."""
    found = {key: method.signature for key, method in surface.methods().items()}
    if WRITE:
        lines = (f' "{key}": {json.dumps(given)}' for key, given in found.items())
        apidoc.METHODS.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    promised = json.loads(apidoc.METHODS.read_text())
    assert not broken_arguments(promised, found)
    new = sorted(found.keys() - promised.keys())
    assert not new, "new public methods: keep them (CAE_API_WRITE=1) or hide them"


def broken_arguments(promised, found):
    """Calls that worked and would not: ``["cae.period.lock: month is gone"]``."""
    problems = []
    for key, given in promised.items():
        if key not in found:
            problems.append(f"{key}: is gone")
            continue
        now = found[key]
        if now[: len(given)] != given:
            problems.append(f"{key}: was {given}, is {now}")
        added = (name for name in now[len(given) :] if "=" not in name)
        problems += [f"{key}: {name} has no default" for name in added]
    return problems


def test_keys_of_results_are_those_promised(played):
    promised = json.loads(apidoc.RESULTS.read_text())
    problems = []
    for key, pinned in promised.items():
        if key in played.results:
            found = apidoc.shape(played.results[key])
            problems += apidoc.broken(pinned, found, key)
    assert not problems
    assert not WRITE or promised.keys() == played.results.keys()


def test_what_breaks_a_program_is_told():
    """Adding is compatible; taking away, renaming and another kind are not."""
    pinned = apidoc.shape([{"code": "A", "rows": [{"amount": 1.0, "of": False}]}])
    more = [{"code": "A", "new": 1, "rows": [{"amount": 2, "of": False, "x": ""}]}]
    assert apidoc.broken(pinned, apidoc.shape(more), "m") == []
    less = [{"code": 1, "rows": [{"of": False}]}]
    assert apidoc.broken(pinned, apidoc.shape(less), "m") == [
        "m[].code: was str, is number",
        "m[].rows[].amount: is gone",
    ]
    promised = {"m.a": ["x", "y=1"], "m.b": []}
    assert broken_arguments(promised, {"m.a": ["x", "y=1", "z=2"], "m.b": []}) == []
    assert broken_arguments(promised, {"m.a": ["x", "y=2", "z"]}) == [
        "m.a: was ['x', 'y=1'], is ['x', 'y=2', 'z']",
        "m.a: z has no default",
        "m.b: is gone",
    ]
