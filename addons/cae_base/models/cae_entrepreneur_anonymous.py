"""A person who left long ago: nobody's name any more, the same entries."""

from collections.abc import Callable
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.models import MAGIC_COLUMNS

from ..tools import format_date
from .cae_published import COMPUTING

#: Types of the fields that may tell who somebody is; links and choices are named below.
TELLING = {"char", "text", "html", "date", "binary", "image", "properties"}
#: Of the proof that a statement was sent.
SENT = ("email", "message_id", "error")
#: ``{model: fields}`` of these types that stay.
KEPT = {
    # Auxiliary account of the entries in the FEC; formats of invoices.
    "res.partner": {"name", "ref", "invoice_edi_format_store"},
    "res.users": {"login"},
    "hr.employee": {"name"},
    # What the contract was and when, for statistics.
    "hr.version": {
        *("name", "date_version", "contract_date_start", "contract_date_end"),
        *("trial_date_end", "departure_date"),
    },
    "cae.entrepreneur": {
        *("code", "name", "date_entry", "date_exit", "member_date"),
        "date_anonymised",
    },
    "cae.activity": {"code", "name", "trade", "date_start", "date_end"},
}
#: ``{model: {field: value}}`` of what tells who somebody is and is no text.
BLANK = {
    "res.partner": {"state_id": False},
    "hr.employee": {
        "country_of_birth": False,
        "certificate": False,
        "message_main_attachment_id": False,
    },
    "hr.version": {
        "children": 0,
        "country_id": False,
        "distance_home_work": 0,
        "marital": "single",
        "private_country_id": False,
        "private_state_id": False,
        "sex": False,
    },
}


#: ``{model: its link}`` of what goes with a user, a contact, an employee.
OF_USER = {
    "auth.passkey.key": "create_uid",
    "auth_totp.device": "user_id",
    "auth_totp.rate.limit.log": "user_id",
    "res.device.log": "user_id",
    "res.users.apikeys": "user_id",
}
OF_PARTNER = {
    "mail.followers": "partner_id",
    "mail.notification": "res_partner_id",
    "mail.push.device": "partner_id",
}
OF_EMPLOYEE = {
    "hr.employee.location": "employee_id",
    "hr.employee.skill": "employee_id",
    "hr.resume.line": "employee_id",
}


class Part(NamedTuple):
    """What an anonymisation erases: for the preview, and to do it.

    :param words: what it is, without personal data
    :param records: on which it is
    :param erase: does it to ``records``
    """

    words: str
    records: models.Model
    erase: Callable


class CaeEntrepreneur(models.Model):
    """Personal data are kept no longer than needed (RGPD art. 5.1 e), the accounts ten
    years (Code de commerce L.123-22; RGPD art. 17.3 b): who left more years ago than
    the company's setting loses the name, and the entries stay as they are.

    Addons add what they know in :meth:`_anonymity_obstacles`, :meth:`_anonymity_parts`
    and :meth:`_anonymity_kept`.
    """

    _name = "cae.entrepreneur"
    _inherit = ["cae.entrepreneur", "cae.owned"]

    date_anonymised = fields.Date(
        string="Anonymised on",
        readonly=True,
        copy=False,
        help="Since this day nothing here tells who the person was.",
    )
    past_retention = fields.Boolean(
        compute="_compute_past_retention",
        search="_search_past_retention",
        help="Left longer ago than personal data are kept, and is not anonymised.",
    )

    @api.depends("date_exit", "date_anonymised")
    def _compute_past_retention(self):
        past = self.filtered_domain(self._past_retention_domain())
        past.past_retention = True
        (self - past).past_retention = False

    def _search_past_retention(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._past_retention_domain()
        return domain if True in value else ~domain

    @api.model
    def _past_retention_domain(self):
        today = fields.Date.context_today(self)
        # sudo: how long each company keeps personal data is no secret.
        companies = self.env.companies.sudo()
        past = Domain.OR(
            Domain("company_id", "in", same.ids)
            & Domain("date_exit", "<", today - relativedelta(years=years))
            for years, same in companies.grouped("cae_person_years").items()
        )
        return past & Domain("date_anonymised", "=", False)

    # ------------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------------

    def action_ask_anonymise(self) -> dict:
        """Show what would be erased and kept, and ask why."""
        self.ensure_one()
        self._check_anonymity_right()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Anonymise"),
            "res_model": "cae.anonymisation",
            "view_mode": "form",
            "target": "new",
            "context": {"default_entrepreneur_id": self.id},
        }

    def _check_anonymity_right(self):
        """:raises UserError: ``CAE-ANONYMITY-RIGHT``"""
        if not self.env.user.has_group("cae_base.group_manager"):
            raise UserError(
                self.env._("CAE-ANONYMITY-RIGHT: a CAE manager anonymises people.")
            )
        self.check_access("write")

    def _anonymity_obstacles(self):
        """Hook: sentences on what forbids it still; none: it may be done."""
        self.ensure_one()
        if self.date_anonymised:
            return [self.env._("This person is anonymised already.")]
        found = [
            *self._obstacles_of_time(),
            *self._obstacles_of_money(),
            *self._obstacles_of_roles(),
        ]
        return [sentence for sentence in found if sentence]

    def _obstacles_of_time(self):
        today = fields.Date.context_today(self)
        running = self.contract_ids.filtered(lambda c: not c.date_end)
        held = self.share_ids.filtered(lambda s: not s.date_end or s.date_end >= today)
        yield not self.date_exit and self.env._("The person has no exit date.")
        yield running and self.env._("A contract has no end.")
        yield held and self.env._(
            "The person still holds: %s.", ", ".join(held.activity_id.mapped("name"))
        )
        ends = [self.date_exit, *self.contract_ids.mapped("date_end")]
        last = max(filter(None, ends), default=False)
        years = self.company_id.cae_person_years
        until = last and last + relativedelta(years=years)
        yield (
            until
            and until >= today
            and self.env._(
                "Personal data are kept %(years)s years after the person left, until "
                "%(day)s: payslips and the register of the staff five years (Code du "
                "travail L.3243-4, R.1221-26), papers for taxes six (LPF L.102 B).",
                years=years,
                day=format_date(self.env, until),
            )
        )

    def _obstacles_of_money(self):
        open_items = self.env["account.move.line"].search(
            [
                ("partner_id", "in", self._anonymity_partners().ids),
                ("parent_state", "=", "posted"),
                ("account_id.reconcile", "=", True),
                ("amount_residual", "!=", 0),
            ]
        )
        drafts = self.env["account.move"].search_count(
            [
                ("partner_id", "in", self._anonymity_partners().ids),
                ("state", "=", "draft"),
            ]
        )
        today = fields.Date.context_today(self)
        own = self._own_activities().with_company(self.company_id)
        money = own._treasury_at(today)
        unsettled = own.filtered(lambda a: money[a.id]["available"])
        yield open_items and self.env._(
            "Items in the person's name are open: %s.",
            ", ".join(sorted(set(open_items.mapped("move_name")))[:5]),
        )
        yield drafts and self.env._("Drafts in the person's name: %s.", drafts)
        yield unsettled and self.env._(
            "Money is left on: %s. Book the exit first.",
            ", ".join(unsettled.mapped("name")),
        )

    def _obstacles_of_roles(self):
        partner = self.partner_id
        users = partner.with_context(active_test=False).user_ids
        staff = users.filtered(lambda user: not user.share and user.active)
        elsewhere = partner.cae_entrepreneur_ids - self
        yield staff and self.env._("The person is a user of the team.")
        yield elsewhere.filtered(lambda p: not p.date_anonymised) and self.env._(
            "Another company of this database supports or supported the person: "
            "anonymise there first, or take another contact here."
        )
        yield partner.is_company and self.env._("The contact is a company.")

    def _anonymity_partners(self):
        """The contact, the addresses below it, and that of the employee."""
        roots = self.partner_id | self.employee_id.work_contact_id
        every = roots.with_context(active_test=False)
        found = every.search([("id", "child_of", roots.ids)])
        # Odoo does not archive the contact of a user that this context finds.
        return found.with_env(self.env)

    def _own_activities(self):
        """Activities that nobody else ever held, but for who is anonymised too."""
        held = self.share_ids.activity_id
        return held.filtered(
            lambda activity: all(
                person == self or person.date_anonymised
                for person in activity.share_ids.entrepreneur_id
            )
        )

    def _anonymity_parts(self):
        """Hook: every :class:`Part`, in the order in which they are erased."""
        self.ensure_one()
        partners, employee = self._anonymity_partners(), self.employee_id
        versions = employee.with_context(active_test=False).version_ids
        sendings = self.env["cae.statement.sending"]
        sendings = sendings.with_context(cae_computing=COMPUTING).search(
            [("entrepreneur_id", "=", self.id), ("email", "!=", False)]
        )
        told = self._anonymity_threads()
        found = self._anonymity_messages(told)
        return [
            Part(
                self.env._("access to the portal"),
                self._anonymity_users(),
                _close_users,
            ),
            Part(self.env._("bank accounts"), _banks(partners), _erase_banks),
            Part(self.env._("documents on the file"), _documents(told), delete),
            Part(self.env._("contacts with addresses"), partners, self._erase_partners),
            Part(self.env._("employees"), employee, self._erase_employee),
            Part(self.env._("versions of the employee"), versions, _blank),
            Part(
                self.env._("names of activities"),
                self._own_activities(),
                _rename_activities,
            ),
            Part(self.env._("addresses of sendings"), sendings, wipe(*SENT)),
            Part(self.env._("names, birth date and number"), self, self._erase_file),
            Part(
                self.env._("activities to do, and done"),
                self._anonymity_activities(told),
                delete,
            ),
            Part(
                self.env._("messages"),
                found,
                lambda _old: self._anonymity_messages(told).unlink(),
            ),
            Part(self.env._("e-mails"), self._anonymity_mails(partners), delete),
        ]

    def _anonymity_users(self):
        users = self.partner_id.with_context(active_test=False).user_ids
        return users | self.user_id

    def _anonymity_threads(self):
        """Hook: records whose messages and documents are the person's own."""
        versions = self.employee_id.with_context(active_test=False).version_ids
        return [
            *(self, self._anonymity_partners(), self.employee_id, versions),
            *(self.contract_ids, self._own_activities(), self._anonymity_users()),
        ]

    def _anonymity_messages(self, threads):
        """Messages on these records."""
        return self.env["mail.message"].search(_on(threads, "model"))

    def _anonymity_activities(self, threads):
        """What is to do about these records: it names them, done too."""
        every = self.env["mail.activity"].with_context(active_test=False)
        return every.search(_on(threads, "res_model"))

    def _anonymity_mails(self, partners):
        """E-mails still kept that were sent to the person."""
        addresses = list(filter(None, partners.mapped("email")))
        to = Domain.OR(Domain("email_to", "ilike", email) for email in addresses)
        return self.env["mail.mail"].search(
            Domain("recipient_ids", "in", partners.ids) | to
        )

    def _anonymity_kept(self):
        """Hook: sentences on what stays, and why."""
        return [
            self.env._(
                "Entries, invoices, bills, payments, bank lines and expenses, with "
                "their papers and their words: ten years (Code de commerce L.123-22; "
                "RGPD art. 17.3 b). They name “%s” from now on; papers made before "
                "keep the name they bear.",
                self._anonymous_name(),
            ),
            self.env._(
                "Published statements of accounts, as they were published: they are "
                "part of the accounts (R.7331-5)."
            ),
            self.env._(
                "Code, woman or man, dates and kinds of contracts, reason of the exit: "
                "they count in statistics and name nobody."
            ),
        ]

    def _anonymous_name(self):
        return self.env._("Erased person %s", self.code)

    # ------------------------------------------------------------------
    # Doing it
    # ------------------------------------------------------------------

    def _anonymise(self, reason):
        """Erase who the person is; the entries stay.

        :return: the log
        :raises UserError: ``CAE-ANONYMITY-RIGHT``, ``CAE-ANONYMITY-EARLY``
        """
        self.ensure_one()
        self._check_anonymity_right()
        self._cae_hold()
        # sudo: all of it goes, also what this manager may not read.
        here = self.sudo()._cae_own().with_context(tracking_disable=True)
        obstacles = here._anonymity_obstacles()
        if obstacles:
            raise UserError(
                self.env._(
                    "CAE-ANONYMITY-EARLY: this person is not anonymised yet. %s",
                    " ".join(obstacles),
                )
            )
        parts, kept = here._anonymity_parts(), here._anonymity_kept()
        erased = [
            f"{part.words}: {len(part.records)}" for part in parts if part.records
        ]
        for part in parts:
            if part.records:
                part.erase(part.records)
        here.date_anonymised = fields.Date.context_today(self)
        return self.env["cae.erasure"]._log(
            *(self.company_id, self.code, "anonymised", reason, erased),
            "\n".join(kept),
        )

    def _erase_partners(self, partners):
        _blank(partners)
        _delete_where(self.env, OF_PARTNER, partners)
        written = self.env["mail.message"].search([("author_id", "in", partners.ids)])
        written.write({"email_from": False, "reply_to": False})
        partners.write({"name": self._anonymous_name(), "active": False})

    def _erase_employee(self, employee):
        _delete_where(self.env, OF_EMPLOYEE, employee)
        _blank(employee)
        employee.write({"name": self._anonymous_name(), "active": False})

    def _erase_file(self, people):
        _blank(people)
        people.user_id = False


# What the parts do ------------------------------------------------------


def delete(records):
    """Delete those that no other deletion took along."""
    records.exists().unlink()


def wipe(*names):
    """What takes these fields off records."""
    return lambda records: records.write(dict.fromkeys(names, False))


def _blank(records):
    """Take off what tells who somebody is, and can be taken off."""
    kept = KEPT.get(records._name, set()) | set(MAGIC_COLUMNS)
    blank = {
        name: False
        for name, field in records._fields.items()
        if field.type in TELLING
        and (field.store or field.type == "properties")
        and not (field.required or field.related or field.inherited)
        and not (field.compute and field.readonly)
        and name not in kept
    }
    for record in records:
        record.write({**blank, **BLANK.get(records._name, {})})


def _delete_where(env, links, records):
    """Delete what links to these records, of models that are installed."""
    for name, link in links.items():
        if name in env:
            env[name].search([(link, "in", records.ids)]).unlink()


def _close_users(users):
    env = users.env
    _delete_where(env, OF_USER, users)
    users.write({"active": False})
    for user in users:
        _blank(user)
    # Odoo would write to the person that the login has changed.
    env.cr.execute(
        "UPDATE res_users SET login = 'erased-' || id, password = NULL, "
        "totp_secret = NULL WHERE id IN %s",
        (tuple(users.ids),),
    )
    users.invalidate_recordset(["login"])


def _banks(partners):
    every = partners.env["res.partner.bank"].with_context(active_test=False)
    return every.search([("partner_id", "in", partners.ids)])


def _erase_banks(banks):
    """Odoo deletes no bank account: payments may have gone to it."""
    for bank in banks:
        _blank(bank)
        bank.write({"acc_number": f"ERASED{bank.id}", "active": False})


def _documents(threads):
    return (
        threads[0]
        .env["ir.attachment"]
        .search(_on(threads, "res_model") & Domain("cae_frozen", "=", False))
    )


def _on(threads, model):
    """Domain of what hangs on these records; ``model`` is the field that names it."""
    return Domain.OR(
        Domain(model, "=", records._name) & Domain("res_id", "in", records.ids)
        for records in threads
    )


def _rename_activities(activities):
    for activity in activities:
        _blank(activity)
        activity.name = activity.env._("Activity %s", activity.code)
