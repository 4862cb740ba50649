from odoo import api, models
from odoo.exceptions import AccessError

from odoo.addons.cae_base.engine import tabular
from odoo.addons.cae_base.engine.exchange import CellError, day, number, text
from odoo.addons.cae_base.engine.texts import short

TEXTS = ("code", "name", "unit", "source", "note")
REQUIRED = ("code", "name", "date_from", "value", "source")


class CaePayrollRate(models.Model):
    _inherit = "cae.payroll.rate"

    @api.model
    def load_file(
        self,
        name: str,
        content_base64: str,
        dry_run: bool = False,
        encoding: str = "",
    ) -> dict:
        """Load rates, such as those of a new year, from a CSV file: all or nothing.

        The columns are those of the shipped ``data/cae.payroll.rate.csv``: ``code``,
        ``name``, ``date_from``, ``date_to``, ``value``, ``unit``, ``source``, ``note``;
        the key is code and date_from. Dates and numbers as in ``cae.exchange``.

        :param name: name of the file
        :param content_base64: the file in base64
        :param dry_run: check everything and write nothing
        :param encoding: declared encoding, UTF-8 when empty
        :return: ``{"created", "updated", "unchanged", "errors": [{"code", "row",
            "column", "message"}]}``; codes ``CAE-PAY-RATE-DATA``, ``CAE-FILE-…``
        :raises AccessError: for others than payroll officers and managers
        """
        if not self.env.user.has_group("cae_base.group_payroll"):
            raise AccessError(
                self.env._("CAE-ACCESS: rates are loaded by payroll officers.")
            )
        try:
            rows = tabular.read_file(name, content_base64, encoding)
        except tabular.TableError as error:
            return self.env["cae.exchange"]._result([], [error.problem])
        return self._load_rows(rows, dry_run)

    @api.model
    def _load_rows(self, rows, dry_run):
        found, errors = {}, []
        for place, row in enumerate(rows, 1):
            if not any(text(cell) for cell in row.values()):
                continue
            vals = self._read_rate(place, row, errors)
            key = vals.get("code"), vals.get("date_from")
            if key in found and all(key):
                errors.append(
                    self._rate_error(
                        place,
                        "date_from",
                        self.env._("Two values of %(code)s from one day.", code=key[0]),
                    )
                )
            found[key] = vals
        result = {"created": 0, "updated": 0, "unchanged": 0, "errors": errors}
        return result if errors else {**result, **self._upsert(found, dry_run)}

    @api.model
    def _read_rate(self, place, row, errors):
        """Values of a row; what is wrong with it is added to ``errors``."""
        vals = {name: text(row.get(name, "")) or False for name in TEXTS}
        readers = {
            "date_from": day,
            "date_to": day,
            "value": lambda cell: float(number(cell, 6)),
        }
        for name, read in readers.items():
            vals[name] = False
            if not text(row.get(name, "")):
                continue
            try:
                vals[name] = read(row[name])
            except CellError:
                message = self.env._(
                    "%(value)s is no date or number.", value=short(row[name])
                )
                errors.append(self._rate_error(place, name, message))
        for name in REQUIRED:
            if not text(row.get(name, "")):
                message = self.env._("Give a %(column)s.", column=name)
                errors.append(self._rate_error(place, name, message))
        if (
            vals["date_from"]
            and vals["date_to"]
            and vals["date_to"] < vals["date_from"]
        ):
            message = self.env._("A value cannot end before it starts.")
            errors.append(self._rate_error(place, "date_to", message))
        return vals

    @api.model
    def _rate_error(self, place, column, message):
        code = "CAE-PAY-RATE-DATA"
        return {"code": code, "row": place, "column": column, "message": message}

    @api.model
    def _upsert(self, found, dry_run):
        known = {
            (rate.code, rate.date_from): rate
            for rate in self.with_context(active_test=False).search(
                [("code", "in", [code for code, _day in found])]
            )
        }
        new = [vals for key, vals in found.items() if key not in known]
        changed = {
            known[key]: vals
            for key, vals in found.items()
            if key in known and known[key]._differs(vals)
        }
        if not dry_run:
            self.create(new)
            for rate, vals in changed.items():
                rate.write({**vals, "active": True})
        same = len(found) - len(new) - len(changed)
        return {"created": len(new), "updated": len(changed), "unchanged": same}

    def _differs(self, vals):
        return not self.active or any(self[name] != vals[name] for name in vals)

    @api.model
    def _changes_between(self, before, after):
        """``[(code, row before or None, row after or None)]`` of what differs."""
        one, two = (self._rates_at(each).rows for each in (before, after))
        pairs = [(code, one.get(code), two.get(code)) for code in {**one, **two}]
        return [
            (code, old, new)
            for code, old, new in sorted(pairs, key=lambda pair: pair[0])
            if (old and old.value) != (new and new.value)
        ]
