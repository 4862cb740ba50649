"""The names that other programs call, with their arguments (docs/api.md)."""

import inspect

from .common import PayCommon, pay_tagged

NAMES = {
    "cae.pay.line": {
        "action_approve": "(self) -> bool",
        "action_ask_refusal": "(self) -> dict",
        "action_ask_undo": "(self) -> dict",
        "action_draft": "(self) -> bool",
        "action_open_entries": "(self) -> dict",
        "action_post": "(self) -> bool",
        "action_refuse": "(self, reason: str) -> bool",
        "action_undo": "(self, reason: str) -> bool",
    },
    "cae.payroll.exchange": {
        "export_elements": "(self, month: str, template: str) -> dict",
        "load_payslips": "(self, month: str, rows: list[dict], dry_run: bool = False, "
        "late: str = 'refuse') -> dict",
        "load_payslips_file": "(self, month: str, name: str, content_base64: str, "
        "dry_run: bool = False, encoding: str = '', late: str = 'refuse') -> dict",
    },
    "cae.payslip": {
        "action_ask_undo": "(self) -> dict",
        "action_open_pdf": "(self) -> dict",
        "action_undo": "(self, reason: str) -> bool",
    },
    "cae.salary.simulator": {"simulate": "(self, values: dict) -> dict"},
    "cae.settlement": {
        "action_approve": "(self) -> bool",
        "action_ask_draft": "(self) -> dict",
        "action_ask_undo": "(self) -> dict",
        "action_compute": "(self) -> bool",
        "action_draft": "(self, reason: str) -> bool",
        "action_open_pay": "(self) -> dict",
        "action_post": "(self) -> bool",
        "action_undo": "(self, reason: str) -> bool",
    },
    "cae.year": {
        "action_accrue": "(self) -> dict",
        "action_settle": "(self) -> dict",
        "action_undo_accrual": "(self, reason: str) -> bool",
    },
}
#: Models that are called by the product alone.
PRIVATE = ("cae.pay.run", "cae.settlement.run")


@pay_tagged
class TestPayNames(PayCommon):
    def _public(self, model):
        """Public methods that our addons give a model."""
        found = set()
        for base in type(self.env[model]).__mro__:
            if "odoo.addons.cae_" in base.__module__:
                found |= {n for n, v in vars(base).items() if inspect.isfunction(v)}
        found -= set(dir(type(self.env["base"])))
        return {name for name in found if not name.startswith("_")}

    def test_names_and_arguments(self):
        for model, names in NAMES.items():
            for name, signature in names.items():
                with self.subTest(f"{model}.{name}"):
                    method = getattr(type(self.env[model]), name)
                    self.assertEqual(str(inspect.signature(method)), signature)
                    self.assertTrue(method.__doc__)

    def test_runs_have_no_public_name(self):
        for model in PRIVATE:
            self.assertFalse(self._public(model), model)
