"""The contribution engine's sentences in the reader's language and formats."""

from decimal import Decimal

from odoo.exceptions import ValidationError
from odoo.tools import format_amount
from odoo.tools.translate import get_translation

from ..engine import contribution as engine
from ..engine.money import plain
from ..tools import format_date


def translator(env):
    """A function that gives a template of the engine in the user's language."""
    lang = env.lang or "en_US"
    return lambda source: get_translation("cae_base", lang, source, ())


def formats(env, currency) -> engine.Formats:
    """How amounts, months and contracts are written in the user's language."""
    kinds = dict(env["cae.contract"]._fields["kind"]._description_selection(env))
    kinds["none"] = env._("without contract")
    return engine.Formats(
        money=lambda value: format_amount(env, float(value), currency),
        rate=lambda value: f"{_number(env, value)}\N{NO-BREAK SPACE}%",
        month=lambda month: format_date(env, month, date_format="MMMM yyyy"),
        number=lambda value: _number(env, value),
        contract=lambda kind: kinds.get(kind, kind),
    )


def _number(env, value):
    text = plain(value)
    digits = len(text.partition(".")[2])
    lang = env["res.lang"]._get_data(code=env.lang or "en_US")
    point = lang.decimal_point or "."
    return f"{Decimal(text):.{digits}f}".replace(".", point)


def refuse(env, error: engine.ContributionError):
    """Raise an error of the engine for the user, in their language."""
    message = f"{error.code}: {error.message(translator(env))}"
    raise ValidationError(message) from error


def sentences(env, explanation: dict, currency) -> str:
    """A stored explanation, one sentence per line."""
    words = engine.render(explanation, translator(env), formats(env, currency))
    return "\n".join(words)


def details(env, rules: list[dict], currency) -> str:
    """Stored amounts of rules, each with its steps, one sentence per line."""
    translate, said = translator(env), formats(env, currency)
    told = []
    for rule in rules:
        told.append(f"{rule['label']} – {said.money(Decimal(rule['amount']))}")
        steps = engine.render_steps(rule["steps"], translate, said)
        told += [f"    {step}" for step in steps]
    return "\n".join(told)
