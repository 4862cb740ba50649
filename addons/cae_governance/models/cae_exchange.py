"""Takes an existing register of members over: the dataset ``members``."""

from odoo import api, models
from odoo.fields import Command

from odoo.addons.cae_base.engine.exchange import Column, Dataset, optional
from odoo.addons.cae_base.engine.money import ZERO, decimal
from odoo.addons.cae_base.models.cae_exchange import Plan

from ..engine import shares

TOTAL = "TOTAL"
KINDS = {"salarie": "employed", "exterieur": "outside", "cooperative": "cooperative"}
HEAD = {
    "date_candidature": "date_application",
    "date_admission": "date_admission",
    "date_associe": "date_member",
    "date_sortie": "date_left",
    "date_accord_email": "e_notice_consent_date",
}
#: What the register says of a member is never rewritten by a file.
HISTORY = {
    "partner_id": "entrepreneur",
    "date_admission": "date_admission",
    "date_left": "date_sortie",
    "date_member": "date_associe",
    "state": "date_associe",
}
MEMBERS = Dataset(
    "members",
    (
        Column("code"),
        optional("nom"),
        optional("email"),
        optional("entrepreneur"),
        optional("type", "choice", choices=tuple(KINDS)),
        optional("college"),
        *(optional(name, "date") for name in HEAD),
        optional("date", "date"),
        optional("categorie"),
        Column("parts", "amount"),
        optional("valeur", "amount", sign="positive"),
        Column("montant", "amount"),
    ),
    key=("code",),
    head=("nom", "email", "entrepreneur", "type", "college", *HEAD),
    scattered=True,
)


class CaeExchange(models.AbstractModel):
    """Rows are movements; those of one member share the columns about the person.

    The row ``TOTAL`` gives the shares and the amount that all rows come to: a register
    that does not add up is not taken over.
    """

    _inherit = "cae.exchange"

    @api.model
    def _datasets(self):
        return {**super()._datasets(), MEMBERS.name: MEMBERS}

    @api.model
    def _may_load(self, dataset):
        if dataset == MEMBERS.name:
            return self.env.user.has_group("cae_base.group_governance")
        return super()._may_load(dataset)

    @api.model
    def _messages(self):
        return {
            **super()._messages(),
            "member_whole": self.env._("%(value)s is not a whole number of shares."),
            "member_amount": self.env._(
                "%(value)s is not the shares × their value (%(wanted)s)."
            ),
            "member_total_missing": self.env._(
                "The control row is missing: a last row with TOTAL as code, all the "
                "shares and the whole amount."
            ),
            "member_total": self.env._(
                "The rows add up to %(found)s, and the control row says %(value)s."
            ),
            "member_short": self.env._(
                "A negative number of shares is held on %(day)s."
            ),
            "member_ahead": self.env._(
                "%(value)s is ahead. The register says what happened."
            ),
            "member_none": self.env._(
                "A member holds one share at least; give a date of leaving, or shares."
            ),
            "member_college": self.env._(
                "There is no college %(value)s. Make it first (Governance / "
                "Configuration)."
            ),
            "member_kind": self.env._(
                "There is no kind of shares %(value)s of that nominal value. Make it "
                "first (Governance / Configuration)."
            ),
            "member_history": self.env._(
                "The register says something else of %(key)s. It is never rewritten."
            ),
            "member_twice": self.env._("%(value)s is in the register already."),
        }

    # ------------------------------------------------------------------
    # Plan
    # ------------------------------------------------------------------

    def _plan_members(self, parsed, late):
        self._check_members_total(parsed)
        documents = [d for d in self._sound(parsed) if d.key[0] != TOTAL]
        for document in documents:
            self._check_member(document, parsed)
        # sudo: the person that a member is; a secretary does not read entrepreneurs.
        people = self.sudo()._by_code(
            "cae.entrepreneur", self._codes(parsed, "entrepreneur")
        )
        self._report_unknown(
            parsed, "entrepreneur", people, "CAE-LOAD-ENTREPRENEUR", "entrepreneur"
        )
        colleges = self._by_code("cae.college", self._codes(parsed, "college"))
        self._report_unknown(
            parsed, "college", colleges, "CAE-MEMBER-COLLEGE", "member_college"
        )
        kinds = self.env["cae.share.kind"].search(
            [("company_id", "=", self.env.company.id)]
        )
        found = self._by_code("cae.member", self._codes(parsed, "code"))
        plans = []
        for document in self._sound(parsed):
            if document.key[0] != TOTAL:
                member = found.get(document.key[0])
                plans.append(
                    self._plan_member(document, member, people, colleges, kinds, parsed)
                )
        return plans

    def _check_members_total(self, parsed):
        """The rows add up to the control row."""
        everything = (*parsed.documents, *parsed.broken)
        totals = [d for d in parsed.documents if d.key == (TOTAL,)]
        if not totals:
            if not any(d.key == (TOTAL,) for d in parsed.broken):
                parsed.add("CAE-MEMBER-TOTAL", 0, "code", "member_total_missing")
            return
        total = totals[0]
        rows = [row for d in everything if d.key != (TOTAL,) for row in d.rows]
        for column in ("parts", "montant"):
            found = sum((row.values.get(column) or ZERO for row in rows), ZERO)
            value = total.values[column]
            if found != value:
                parsed.add(
                    "CAE-MEMBER-TOTAL", total.row, column, "member_total",
                    found=found, value=value,
                )  # fmt: skip

    def _check_member(self, document, parsed):
        v, row = document.values, document.row
        needed = ["type"] if v["entrepreneur"] else ["type", "nom"]
        for column in needed:
            if not v[column]:
                parsed.add("CAE-LOAD-REQUIRED", row, column, "required", column=column)
        days = [name for name in HEAD if v[name] and name != "date_accord_email"]
        for before, after in zip(days, days[1:], strict=False):
            if v[before] > v[after]:
                parsed.add(
                    "CAE-LOAD-DATE", row, after, "date_order",
                    before=before, after=after,
                )  # fmt: skip
        for name in days:
            self._check_not_ahead(v[name], row, name, parsed)
        for line in document.rows:
            self._check_not_ahead(line.values["date"], line.number, "date", parsed)
            self._check_member_row(line, parsed)
        self._check_member_shares(document, parsed)

    def _check_not_ahead(self, day, row, column, parsed):
        if day and day > self.env.company._cae_today():
            parsed.add("CAE-LOAD-DATE", row, column, "member_ahead", value=day)

    def _check_member_row(self, line, parsed):
        v, row = line.values, line.number
        if not v["parts"] and not v["montant"]:
            return
        for column in ("date", "valeur"):
            if not v[column]:
                parsed.add("CAE-LOAD-REQUIRED", row, column, "required", column=column)
        if v["parts"] % 1:
            parsed.add(
                "CAE-LOAD-AMOUNT", row, "parts", "member_whole", value=v["parts"]
            )
        elif v["valeur"] and v["parts"] * v["valeur"] != v["montant"]:
            parsed.add(
                "CAE-MEMBER-AMOUNT", row, "montant", "member_amount",
                value=v["montant"], wanted=v["parts"] * v["valeur"],
            )  # fmt: skip

    def _check_member_shares(self, document, parsed):
        v = document.values
        moves = [
            shares.Movement(0, r.values["date"], int(r.values["parts"]), ZERO)
            for r in document.rows
            if r.values["parts"] and r.values["date"]
        ]
        day = shares.first_shortage(moves)
        if day:
            parsed.add(
                "CAE-SHARE-SHORT", document.row, "parts", "member_short", day=day
            )
        held = sum(move.quantity for move in moves)
        if v["date_associe"] and not v["date_sortie"] and not held:
            parsed.add("CAE-MEMBER-SHARES", document.row, "parts", "member_none")

    def _plan_member(self, document, member, people, colleges, kinds, parsed):
        v = document.values
        person = people.get(v["entrepreneur"])
        vals = self._prepare_member_vals(v, member, person)
        moves = self._wanted_movements(document, kinds, parsed)
        college = colleges[v["college"]].id if v["college"] else False
        if not member:
            self._check_new_member(document, person, parsed)
            return Plan(
                document,
                "created",
                None,
                {"vals": vals, "moves": moves, "college": college},
            )
        changed = next(
            (column for name, column in HISTORY.items() if name in vals
             and not self._equal(member, name, vals[name])),
            "",
        )  # fmt: skip
        if self._known_movements(member) != sorted(m[:4] for m in moves):
            changed = "parts"
        if changed:
            parsed.add(
                "CAE-LOAD-CONFLICT", document.row, changed, "member_history",
                key=v["code"],
            )  # fmt: skip
        plan = self._plan_record(document, member, vals)
        plan.vals = {"vals": plan.vals}
        return plan

    def _check_new_member(self, document, person, parsed):
        members = self.env["cae.member"].with_context(active_test=False)
        if person and members.search_count(
            [("entrepreneur_id", "=", person.id), ("state", "!=", "left")], limit=1
        ):
            parsed.add(
                "CAE-LOAD-CONFLICT", document.row, "entrepreneur", "member_twice",
                value=person.code,
            )  # fmt: skip

    def _prepare_member_vals(self, v, member, person):
        vals = {
            "code": v["code"],
            "company_id": self.env.company.id,
            "kind": KINDS[v["type"]],
            "state": self._member_state(v),
            **{name: v[column] or False for column, name in HEAD.items()},
        }
        if person:
            vals["entrepreneur_id"] = person.id
            vals["partner_id"] = person.partner_id.id
        else:
            vals |= {"name": v["nom"], "email": v["email"] or False}
        return vals

    @api.model
    def _member_state(self, v):
        if v["date_sortie"]:
            return "left"
        if v["date_associe"]:
            return "member"
        return "admitted" if v["date_admission"] else "candidate"

    def _wanted_movements(self, document, kinds, parsed):
        """``[(day, kind id, shares, value, row)]`` of a member's rows."""
        result = []
        for line in document.rows:
            v = line.values
            if not v["parts"]:
                continue
            wanted = kinds.filtered(
                lambda k, v=v: (
                    decimal(k.value) == v["valeur"]
                    and (not v["categorie"] or k.code == v["categorie"])
                )
            )[:1]
            if not wanted:
                parsed.add(
                    "CAE-MEMBER-KIND", line.number, "categorie", "member_kind",
                    value=v["categorie"] or "",
                )  # fmt: skip
            result.append(
                (v["date"], wanted.id, int(v["parts"]), v["valeur"], line.number)
            )
        return result

    @api.model
    def _known_movements(self, member):
        return sorted(
            (m.date, m.share_kind_id.id, m.quantity, decimal(m.value))
            for m in member.movement_ids
            if m.kind == "opening"
        )

    # ------------------------------------------------------------------
    # Write
    # ------------------------------------------------------------------

    def _write_members(self, plans):
        # sudo: contacts and dates of members, by who may load the register; the
        # entrepreneurs that some of them are.
        register = self.env["cae.member"].sudo()._cae_own()
        new = [plan for plan in plans if plan.outcome == "created"]
        members = register.create([self._with_college(plan.vals) for plan in new])
        moves = []
        for plan, member in zip(new, members, strict=True):
            moves += [(*move, member) for move in plan.vals["moves"]]
        for plan in plans:
            if plan.outcome == "updated":
                # sudo: fields that steps alone write; _may_load asked the right.
                plan.record.sudo()._cae_own().write(plan.vals["vals"])
        if moves:
            moves.sort(key=lambda move: (move[0], move[4]))
            self.env["cae.share.movement"]._record(
                [self._prepare_first_movement_vals(*move) for move in moves]
            )
        members._sync_entrepreneurs()

    def _with_college(self, planned):
        vals, college = planned["vals"], planned["college"]
        start = (
            vals["date_member"] or vals["date_admission"] or vals["date_application"]
        )
        if college and start:
            row = {"college_id": college, "date_start": start}
            if vals["date_left"]:
                row["date_end"] = vals["date_left"]
            vals = {**vals, "college_ids": [Command.create(row)]}
        return vals

    def _prepare_first_movement_vals(self, day, kind, quantity, value, row, member):
        return {
            "date": day,
            "kind": "opening",
            "member_id": member.id,
            "share_kind_id": kind,
            "quantity": quantity,
            "value": float(value),
            "reference": self.env._("Former register, row %(row)s", row=row),
        }
