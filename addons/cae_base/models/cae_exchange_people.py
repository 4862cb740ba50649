from datetime import timedelta

from odoo import models
from odoo.fields import Command

from ..engine.money import decimal
from .cae_exchange import Plan

#: Columns of personal data, and the field of the entrepreneur that shows each.
PERSONAL = {"date_naissance": "birth_date", "iban": "bank_ids"}
#: Against ``QUIET``: changes of a file are noted like those of a screen.
LOGGED = {"tracking_disable": False, "mail_notrack": False}


class CaeExchange(models.AbstractModel):
    """Schemes, entrepreneurs, activities and customers."""

    # One file per kind of dataset: together they are too long to be read.
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "cae.exchange"

    # ------------------------------------------------------------------
    # Schemes
    # ------------------------------------------------------------------

    def _plan_schemes(self, parsed, late):
        codes = self._codes(parsed, "code")
        found = self._schemes(codes)
        self._report_unknown(parsed, "code", found, "CAE-LOAD-SCHEME", "scheme")
        plans = [
            self._plan_record(
                document,
                found[document.values["code"]],
                {"name": document.values["libelle"]},
            )
            for document in self._sound(parsed)
        ]
        self._check_shared(parsed, plans)
        return plans

    def _check_shared(self, parsed, plans):
        """Refuse changes of what all companies share, without the right to it."""
        for plan in plans:
            if plan.outcome == "updated" and not plan.record.has_access("write"):
                row, code = plan.document.row, plan.document.values["code"]
                parsed.add("CAE-LOAD-RIGHT", row, "libelle", "shared", key=code)

    def _write_schemes(self, plans):
        for plan in plans:
            plan.record.write(plan.vals)

    def _schemes(self, codes):
        """``{code: scheme}`` of the company, or shared by all companies."""
        schemes = (
            self.env["cae.contribution.scheme"]
            .with_context(active_test=False)
            .search([("code", "in", codes)])
        )
        return {scheme.code: scheme.with_env(self.env) for scheme in schemes}

    # ------------------------------------------------------------------
    # Entrepreneurs
    # ------------------------------------------------------------------

    def _plan_entrepreneurs(self, parsed, late):
        # sudo: the file carries personal data (birth date, bank account) that an
        # accountant may load without being allowed to read it on screen.
        loader = self.sudo()
        found = loader._by_code("cae.entrepreneur", loader._codes(parsed, "code"))
        hidden = self._hidden_columns()
        self._check_personal(parsed, found, hidden)
        reasons = loader._exit_reasons(parsed)
        coaches = loader._coaches(loader._codes(parsed, "conseiller"))
        plans = []
        for document in loader._sound(parsed):
            person = found.get(document.values["code"])
            if person and person.date_anonymised:
                # The file of the other system still has what was erased here.
                plans.append(Plan(document, "unchanged", person))
                continue
            vals = loader._prepare_entrepreneur_vals(document.values, reasons, coaches)
            if person:
                vals = {k: v for k, v in vals.items() if k not in hidden.values()}
            plan = loader._plan_record(document, person, vals)
            loader._plan_contracts(plan, parsed)
            loader._plan_person_details(plan)
            plans.append(plan)
        return plans

    def _hidden_columns(self):
        """``{column: field}`` of the personal data that the user may not read."""
        people = self.env["cae.entrepreneur"]
        return {
            column: name
            for column, name in PERSONAL.items()
            if not people._has_field_access(people._fields[name], "read")
        }

    def _check_personal(self, parsed, found, hidden):
        """Refuse what the user may not read of people who exist.

        Whether it is the value already stored makes no difference: the answer, of a dry
        run too, would tell.
        """
        for document in parsed.documents:
            code = document.values["code"]
            for column in hidden if code in found else ():
                if document.values[column]:
                    parsed.add(
                        "CAE-LOAD-RIGHT", document.row, column, "personal",
                        key=code, column=column,
                    )  # fmt: skip

    def _exit_reasons(self, parsed):
        names = self._codes(parsed, "motif_sortie")
        Reason = self.env["cae.exit.reason"]
        known = Reason._by_key()
        return {name: known.get(Reason._key(name)) for name in names}

    def _coaches(self, names):
        """``{name: {"coach_id": …} or {"team_id": …}}``.

        A name is that of a user (or a login); any other name is a team of coaches,
        made when the file is written.
        """
        users = self.env["res.users"].search(
            [
                ("share", "=", False),
                ("company_ids", "in", self.env.company.id),
                "|",
                ("name", "in", names),
                ("login", "in", names),
            ]
        )
        by_name = {u.login: u for u in users} | {u.name: u for u in users}
        teams = self._by_code("cae.team", names, "name")
        return {
            name: {"coach_id": by_name[name].id}
            if name in by_name
            else {"team_id": teams[name].id if name in teams else None}
            for name in names
        }

    def _prepare_entrepreneur_vals(self, v, reasons, coaches):
        reason = reasons.get(v["motif_sortie"]) if v["motif_sortie"] else None
        vals = {
            "code": v["code"],
            "company_id": self.env.company.id,
            "first_name": v["prenom"],
            "last_name": v["nom"],
            "sex": v["sexe"],
            "birth_date": v["date_naissance"],
            "email": v["email"],
            "date_entry": v["date_entree"],
            "date_exit": v["date_sortie"],
            "member_date": v["date_associe"],
            "exit_reason_id": reason.id if reason else v["motif_sortie"],
        }
        coach = coaches.get(v["conseiller"]) or {"coach_id": False, "team_id": False}
        for name, value in coach.items():
            vals[name] = v["conseiller"] if value is None else value
        return vals

    def _plan_contracts(self, plan, parsed):
        """Add ``contracts`` to a plan: what the file says of CAPE and CESA.

        Before a CESA the person was under a CAPE from the day of entry. Contracts that
        were amended or renewed by hand are not rewritten.
        """
        v = plan.document.values
        wanted = self._wanted_contracts(v)
        roots = self.env["cae.contract"]
        if plan.record:
            roots = plan.record.contract_ids.filtered(lambda c: not c.parent_id)
        known = [
            (c.kind, c.date_start, c.date_end or None, decimal(c._last_fixed_part()))
            for c in roots.sorted("date_start")
        ]
        if known == wanted:
            return
        if roots.amendment_ids or [k[0] for k in known] not in (
            [],
            ["cape"],
            ["cesa"],
            ["cape", "cesa"],
        ):
            column = "part_fixe" if v["statut"] == "CESA" else "statut"
            parsed.add(
                "CAE-LOAD-CONFLICT", plan.document.row, column, "contract_history",
                key=v["code"],
            )  # fmt: skip
        plan.vals["contracts"] = wanted
        plan.outcome = "updated" if plan.record else "created"

    def _wanted_contracts(self, v):
        """``[(kind, first day, last day, fixed part)]`` that a row stands for."""
        end, part = v["date_sortie"], v["part_fixe"] or decimal(0)
        if v["statut"] == "CAPE":
            return [("cape", v["date_entree"], end, part)]
        result = [("cesa", v["date_cesa"], end, part)]
        if v["date_cesa"] > v["date_entree"]:
            eve = v["date_cesa"] - timedelta(days=1)
            result.insert(0, ("cape", v["date_entree"], eve, decimal(0)))
        return result

    def _plan_person_details(self, plan):
        number = plan.document.values["iban"]
        banks = plan.record.partner_id.bank_ids if plan.record else ()
        if number and number not in [bank.sanitized_acc_number for bank in banks]:
            plan.vals["iban"] = number
            plan.outcome = "updated" if plan.record else "created"

    def _write_entrepreneurs(self, plans):
        # sudo: see _plan_entrepreneurs.
        loader = self.sudo()
        vals_list = loader._resolved_vals(plans)
        new = [v for v, p in zip(vals_list, plans, strict=True) if not p.record]
        created = iter(loader.env["cae.entrepreneur"].create(new))
        persons = []
        for plan, vals in zip(plans, vals_list, strict=True):
            person = plan.record.sudo() if plan.record else next(created)
            if plan.record and vals:
                # Key figures of the past read in the log who followed the person.
                person.with_context(**LOGGED).write(vals)
            persons.append(person)
        loader._write_contracts(
            [
                (person, plan.vals["contracts"])
                for person, plan in zip(persons, plans, strict=True)
                if "contracts" in plan.vals
            ]
        )
        self.env["res.partner.bank"].sudo().create(
            [
                {"partner_id": person.partner_id.id, "acc_number": plan.vals["iban"]}
                for person, plan in zip(persons, plans, strict=True)
                if "iban" in plan.vals
            ]
        )

    def _resolved_vals(self, plans):
        """Values of the persons, missing exit reasons and teams being made."""
        vals_list = [
            {k: v for k, v in plan.vals.items() if k not in ("contracts", "iban")}
            for plan in plans
        ]
        reasons = self.env["cae.exit.reason"]._find_or_create(
            _names(vals_list, "exit_reason_id")
        )
        teams = _names(vals_list, "team_id")
        made = self.env["cae.team"].create(
            [{"name": name, "company_id": self.env.company.id} for name in teams]
        )
        by_name = dict(zip(teams, made, strict=True))
        for vals in vals_list:
            for key, records in (("exit_reason_id", reasons), ("team_id", by_name)):
                if vals.get(key) in records:
                    vals[key] = records[vals[key]].id
        return vals_list

    def _write_contracts(self, wanted):
        """Make the contracts of each person those that the file stands for."""
        values, extra = [], self.env["cae.contract"]
        for person, contracts in wanted:
            by_kind = {c.kind: c for c in person.contract_ids}
            for kind, start, end, part in contracts:
                vals = {"date_start": start, "date_end": end, "fixed_part": float(part)}
                if kind in by_kind:
                    by_kind.pop(kind).write(vals)
                else:
                    values.append({"entrepreneur_id": person.id, "kind": kind, **vals})
            extra = extra.union(*by_kind.values())
        extra.unlink()
        self.env["cae.contract"].create(values)

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _plan_activities(self, parsed, late):
        found = self._by_code("cae.activity", self._codes(parsed, "code"))
        schemes = self._schemes(self._codes(parsed, "bareme"))
        self._report_unknown(parsed, "bareme", schemes, "CAE-LOAD-SCHEME", "scheme")
        people = self._holders(parsed)
        return [
            self._plan_activity(
                document, found.get(document.values["code"]), schemes, people, parsed
            )
            for document in self._sound(parsed)
        ]

    def _holders(self, parsed):
        """``{code: entrepreneur}`` of the holders; unknown ones are reported."""
        pairs = [
            (document, code)
            for document in parsed.documents
            for code, _share in document.values["entrepreneurs"]
        ]
        found = self._by_code("cae.entrepreneur", [code for _document, code in pairs])
        for document, code in pairs:
            if code not in found:
                parsed.add(
                    "CAE-LOAD-ENTREPRENEUR", document.row, "entrepreneurs",
                    "entrepreneur", value=code,
                )  # fmt: skip
        return found

    def _plan_activity(self, document, activity, schemes, people, parsed):
        v = document.values
        vals = {
            "code": v["code"],
            "company_id": self.env.company.id,
            "name": v["nom"],
            "trade": v["metier"],
            "date_start": v["date_debut"],
            "scheme_id": schemes[v["bareme"]].id,
        }
        plan = self._plan_record(document, activity, vals)
        if activity and self._same_holders(activity, v):
            return plan
        if activity and self._holders_changed(activity):
            parsed.add(
                "CAE-LOAD-CONFLICT", document.row, "entrepreneurs", "holders_history",
                key=v["code"],
            )  # fmt: skip
        plan.outcome = "updated" if activity else "created"
        plan.vals["share_ids"] = self._prepare_share_commands(v, people)
        return plan

    def _same_holders(self, activity, v):
        """Whether those who hold the activity now are those of the file."""
        held = activity.share_ids.filtered(lambda share: not share.date_end)
        known = {(s.entrepreneur_id.code, decimal(s.share, 3)) for s in held}
        same_start = self._holders_changed(activity) or not held.filtered(
            lambda share: share.date_start != v["date_debut"]
        )
        return same_start and known == set(v["entrepreneurs"])

    def _holders_changed(self, activity):
        """Whether the holders changed over time: the file does not know when."""
        return any(
            share.date_end or share.date_start != activity.date_start
            for share in activity.share_ids
        )

    def _prepare_share_commands(self, v, people):
        return [Command.clear()] + [
            Command.create(
                {
                    "entrepreneur_id": people[code].id,
                    "share": float(share),
                    "date_start": v["date_debut"],
                }
            )
            for code, share in v["entrepreneurs"]
        ]

    def _write_activities(self, plans):
        self._write_plans("cae.activity", plans)

    def _write_plans(self, model, plans):
        """Create in one batch, then write what changed."""
        self.env[model].create([p.vals for p in plans if p.outcome == "created"])
        for plan in plans:
            if plan.outcome == "updated":
                plan.record.write(plan.vals)

    # ------------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------------

    def _plan_customers(self, parsed, late):
        activities = self._activities(parsed)
        countries = self._countries(parsed)
        found = self._customers(self._codes(parsed, "code"))
        return [
            self._plan_record(
                document,
                found.get(document.values["code"]),
                self._prepare_customer_vals(document.values, activities, countries),
            )
            for document in self._sound(parsed)
        ]

    def _countries(self, parsed):
        codes = {code.upper() for code in self._codes(parsed, "pays")} | {"FR"}
        found = self.env["res.country"].search([("code", "in", list(codes))])
        by_code = {country.code: country for country in found}
        for document in parsed.documents:
            value = document.values["pays"]
            if value and value.upper() not in by_code:
                parsed.add(
                    "CAE-LOAD-COUNTRY", document.row, "pays", "country", value=value
                )
        return by_code

    def _customers(self, codes):
        """``{code: partner}`` among the customers of the company's activities."""
        partners = (
            self.env["res.partner"]
            .with_context(active_test=False)
            .search(
                [
                    ("ref", "in", codes),
                    ("cae_activity_id.company_id", "=", self.env.company.id),
                ],
                order="id desc",
            )
        )
        return {partner.ref: partner.with_env(self.env) for partner in partners}

    def _prepare_customer_vals(self, v, activities, countries):
        return {
            "ref": v["code"],
            "cae_activity_id": activities[v["activite"]].id,
            "company_id": self.env.company.id,
            "name": v["nom"],
            "is_company": v["type"] == "entreprise",
            "company_registry": v["siren"],
            "zip": v["cp"],
            "city": v["ville"],
            "country_id": countries[(v["pays"] or "FR").upper()].id,
        }

    def _write_customers(self, plans):
        self._write_plans("res.partner", plans)


def _names(vals_list, key):
    """Names that stand for records to make, each once."""
    values = (vals.get(key) for vals in vals_list)
    return list(dict.fromkeys(v for v in values if isinstance(v, str)))
