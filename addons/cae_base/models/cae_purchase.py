"""The one place that decides whose a purchase is, and what may be declared."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import uploads
from ..engine.money import decimal
from ..engine.texts import one_line
from ..tools import format_date

#: Model of the documents of each kind.
KINDS = {"bill": "account.move", "expense": "hr.expense", "mileage": "hr.expense"}
#: Files of a document, characters of a line of text at most.
MOST_FILES, LONGEST = 10, 200
#: Documents that a person declares within 24 hours at most.
MOST_A_DAY = 100
#: What a form calls itself: a random number of its own.
KEY = re.compile(r"[0-9a-f]{32}")
#: ``1 480,50 €`` without its spaces.
AMOUNT = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?€?", re.ASCII)
DAY = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)
FILE = "CAE-PURCHASE-FILE"
#: Suppliers that a form proposes.
SUPPLIERS = 100


@dataclass(frozen=True)
class Buyer:
    """Who declares, on which day.

    :param person: ``cae.entrepreneur``, by the rights of the person
    :param held: activities that the person holds that day
    """

    person: models.Model
    held: models.Model
    day: date

    @property
    def company(self):
        return self.person.company_id

    @property
    def employee(self):
        # sudo: HR files are nobody's in the portal; one's own is only named here.
        return self.person.sudo().employee_id


class CaePurchase(models.AbstractModel):
    """Purchases of an entrepreneur: bills, expenses and mileage on the portal.

    Portal users have no right on these documents. Every reading and writing goes
    through here: who asks, and what is theirs, is decided before the rights are left.
    """

    _name = "cae.purchase"
    _description = "Purchases of an Entrepreneur"

    # ------------------------------------------------------------------
    # Whose they are
    # ------------------------------------------------------------------

    @api.model
    def _buyer(self) -> Buyer | None:
        """The connected entrepreneur; None for anybody else."""
        home = self.env["cae.home"]
        person = home._person()
        if not person:
            return None
        day = fields.Date.context_today(self)
        return Buyer(person, home._held(person, day), day)

    @api.model
    def _own(self, kind, buyer) -> Domain:
        """Which documents of a kind are the buyer's.

        What is reimbursed is the person's own; for bills see :meth:`_own_bills`.
        """
        mine = Domain("company_id", "=", buyer.company.id)
        if kind == "bill":
            return mine & self._own_bills(buyer)
        mine &= Domain("employee_id", "in", buyer.employee.ids)
        return mine & Domain("cae_mileage", "=", kind == "mileage")

    @api.model
    def _own_bills(self, buyer):
        """Bills of the activities held today, whoever declared them.

        Those of others that concern more than the activity, or are of before the
        person held it, are not shown: neither does the ledger show them whole.
        """
        bills = Domain("cae_activity_id", "in", buyer.held.ids)
        bills &= Domain("move_type", "in", ("in_invoice", "in_refund"))
        declared = Domain("cae_declarer_id", "!=", False)
        theirs = Domain("state", "=", "posted") | declared
        theirs &= buyer.held._seen_domain() & Domain.custom(to_sql=self._whole_sql)
        return bills & (Domain("cae_declarer_id", "=", buyer.person.id) | theirs)

    @api.model
    def _whole_sql(self, model, alias, _query):
        """Condition on documents: no line is of another activity, or of the office."""
        items = model.env["account.move.line"]
        items.flush_model(["analytic_distribution", "move_id"])
        return SQL(
            """NOT EXISTS (
            SELECT FROM account_move_line l
              JOIN cae_activity a ON a.id = %s
             CROSS JOIN LATERAL jsonb_object_keys(l.analytic_distribution) AS key
             CROSS JOIN LATERAL unnest(string_to_array(key, ',')) AS account
             WHERE l.move_id = %s AND account = ANY(%s)
               AND account != a.analytic_account_id::text)""",
            SQL.identifier(alias, "cae_activity_id"),
            SQL.identifier(alias, "id"),
            [str(account) for account in model.env["cae.ledger"]._accounts()],
        )

    @api.model
    def _documents(self, kind, buyer):
        """The model (sudo) of a kind of documents, in the buyer's company."""
        # sudo: no right of portal users on these models. Whoever uses this searches by
        # _own, or creates what _declare checked.
        model = self.env[KINDS[kind]].sudo().with_company(buyer.company)
        return model.with_context(mail_create_nosubscribe=True)

    @api.model
    def _document(self, kind, document_id):
        """An own document (sudo); nothing when it is another's, or is none."""
        buyer = self._buyer() if kind in KINDS else None
        if not buyer:
            return None
        domain = self._own(kind, buyer) & Domain("id", "=", document_id)
        return self._documents(kind, buyer).search(domain)

    @api.model
    def _paper(self, attachment_id):
        """A file (sudo) of an own document; None otherwise."""
        buyer = self._buyer()
        # sudo: as for the documents; what is found is given only when it is own.
        paper = self.env["ir.attachment"].sudo().search([("id", "=", attachment_id)])
        for kind, model in KINDS.items():
            if buyer and paper and paper.res_model == model:
                domain = self._own(kind, buyer) & Domain("id", "=", paper.res_id)
                if paper in self._documents(kind, buyer).search(domain)._cae_papers():
                    return paper
        return None

    # ------------------------------------------------------------------
    # Declaring
    # ------------------------------------------------------------------

    @api.model
    def _declare(self, kind, given, files, key):
        """A new document; the one that is there when the form was sent before.

        :param kind: ``bill``, ``expense``, ``mileage``
        :param given: texts of the form
        :param files: ``[(name, bytes)]``
        :param key: what the form calls itself
        :return: the document (sudo)
        :raises UserError: ``CAE-PURCHASE-…``, ``CAE-PERIOD-LOCKED``
        """
        buyer = self._buyer_of(kind)
        documents = self._documents(kind, buyer)
        key = f"{buyer.person.id}-{self._given_key(key)}"
        known = documents._cae_sent(key)
        if known:
            return known
        self._check_day(buyer)
        vals = documents._cae_prepare_declared(kind, buyer, given)
        papers = self._checked_files(files, kind != "mileage")
        vals |= {"cae_declared_key": key, "cae_declarer_id": buyer.person.id}
        document = documents._cae_create_once(vals)
        document._cae_add_papers(papers)
        document._cae_declared(given)
        return document

    @api.model
    def _change(self, kind, document, given, files):
        """Declare an own document again, otherwise.

        :raises UserError: ``CAE-PURCHASE-STATE`` and those of :meth:`_declare`
        """
        buyer = self._buyer_of(kind)
        document._cae_hold()
        if not document._cae_may_change():
            raise UserError(self._state_message())
        vals = document._cae_prepare_declared(kind, buyer, given)
        papers = self._checked_files(files, False, len(document._cae_papers()))
        document._cae_change(vals)
        document._cae_add_papers(papers)
        document._cae_declared(given)

    @api.model
    def _remove(self, document):
        """:raises UserError: ``CAE-PURCHASE-STATE``"""
        document._cae_hold()
        if not document._cae_may_remove():
            raise UserError(self._state_message())
        document.unlink()

    @api.model
    def _take_back(self, document):
        """:raises UserError: ``CAE-PURCHASE-STATE``"""
        document._cae_hold()
        if not document._cae_may_take_back():
            raise UserError(self._state_message())
        document._cae_take_back()

    @api.model
    def _state_message(self):
        return self.env._(
            "CAE-PURCHASE-STATE: the cooperative has dealt with it meanwhile. Look at "
            "where it stands, or ask the accountants."
        )

    @api.model
    def _buyer_of(self, kind):
        """:raises UserError: ``CAE-PURCHASE-ACTIVITY``, ``CAE-PURCHASE-EMPLOYEE``"""
        buyer = self._buyer()
        if not buyer or not buyer.held:
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-ACTIVITY: you hold no activity today. Give the paper "
                    "to the cooperative."
                )
            )
        if kind != "bill" and not buyer.employee:
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-EMPLOYEE: the cooperative has not opened your file "
                    "of expenses yet. Ask the accountants for it, and keep the paper."
                )
            )
        return buyer

    @api.model
    def _check_day(self, buyer):
        """:raises UserError: ``CAE-PURCHASE-MANY``"""
        recent = Domain("cae_declarer_id", "=", buyer.person.id)
        recent &= Domain("create_date", ">", self.env.cr.now() - timedelta(days=1))
        models = ("bill", "expense")
        sent = sum(self._documents(k, buyer).search_count(recent) for k in models)
        if sent >= MOST_A_DAY:
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-MANY: you have sent %(most)s documents in a day. "
                    "Send the others tomorrow.",
                    most=MOST_A_DAY,
                )
            )

    # ------------------------------------------------------------------
    # What is typed
    # ------------------------------------------------------------------

    @api.model
    def _given_key(self, text):
        if not (isinstance(text, str) and KEY.fullmatch(text)):
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-FORM: this page is too old. Open it again, and fill "
                    "it in once more."
                )
            )
        return text

    @api.model
    def _given_activity(self, buyer, code, day):
        """The activity of the code, or the only one; held on the day too."""
        held = buyer.held
        chosen = held if len(held) == 1 else held.filtered(lambda a: a.code == code)
        if len(chosen) != 1:
            raise UserError(
                self.env._("CAE-PURCHASE-ACTIVITY: choose one of your activities.")
            )
        shares = self.env["cae.activity.share"].search(
            [
                ("activity_id", "=", chosen.id),
                ("entrepreneur_id", "=", buyer.person.id),
            ]
        )
        if not shares._held_on(day):
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-ACTIVITY: you did not hold %(activity)s on %(day)s. "
                    "Look at the date, or give the paper to the accountants.",
                    activity=chosen.name,
                    day=format_date(self.env, day),
                )
            )
        return chosen

    @api.model
    def _given_day(self, buyer, text):
        """The day of a paper: not ahead, nor of a closed month of long ago."""
        try:
            day = date.fromisoformat(text) if DAY.fullmatch(text or "") else None
        except ValueError:
            day = None
        if not day:
            raise UserError(
                self.env._("CAE-PURCHASE-DATE: write the date of the paper.")
            )
        if day > buyer.day:
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-DATE: %(day)s is still to come.",
                    day=format_date(self.env, day),
                )
            )
        if self._is_too_late(buyer, day):
            raise UserError(
                self.env._(
                    "CAE-PERIOD-LOCKED: the accounts of %(month)s are closed. Send "
                    "the paper to the accountants: they book it in an open month.",
                    month=format_date(self.env, day, "MMMM y"),
                )
            )
        return day

    @api.model
    def _given_amount(self, text) -> Decimal:
        """An amount above zero, as people type it: ``1 480,50 €``."""
        found = AMOUNT.fullmatch("".join(str(text or "").split()))
        amount = decimal(f"{found[1]}.{found[2] or 0}") if found else Decimal(0)
        if amount <= 0:
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-AMOUNT: write the amount with VAT, such as 1480 or "
                    "1480,50."
                )
            )
        return amount

    @api.model
    def _given_text(self, text, field):
        """A line of text that must be there; ``field`` names it to the person."""
        line = one_line(text, LONGEST)
        if not line:
            raise UserError(
                self.env._("CAE-PURCHASE-TEXT: fill in “%(field)s”.", field=field)
            )
        return line

    @api.model
    def _given_category(self, buyer, text, needed):
        """A category of :meth:`_categories`; nothing when none is chosen."""
        categories = self._categories(buyer)
        chosen = categories.filtered(lambda c: str(c.id) == text)
        if not chosen and (needed or text):
            raise UserError(
                self.env._("CAE-PURCHASE-KIND: choose what you bought in the list.")
            )
        return chosen

    @api.model
    def _checked_files(self, files, needed, there=0):
        """``[(name, content, extension)]`` of files that are taken.

        :param there: how many the document has already
        :raises UserError: ``CAE-PURCHASE-FILE``
        """
        if needed and not files:
            raise UserError(
                self.env._("CAE-PURCHASE-FILE: add a photo or a PDF of the paper.")
            )
        if files and there + len(files) > MOST_FILES:
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-FILE: %(most)s files at most, please.",
                    most=MOST_FILES,
                )
            )
        return [
            (name, content, uploads.checked(self.env, content, FILE, uploads.PHOTOS))
            for name, content in files
        ]

    # ------------------------------------------------------------------
    # What forms propose
    # ------------------------------------------------------------------

    @api.model
    def _categories(self, buyer):
        """Categories of expenses (sudo) that have no price of their own."""
        # sudo: products are nobody's in the portal; their names are shown.
        products = self.env["product.product"].sudo().with_company(buyer.company)
        found = products.search(
            [
                *products._check_company_domain(buyer.company),
                ("can_be_expensed", "=", True),
                ("cae_mileage", "=", False),
            ]
        )
        return found.filtered(lambda product: not product.standard_price)

    @api.model
    def _suppliers(self, buyer):
        """Suppliers (sudo) of the activities held, the last ones first."""
        moves = self._documents("bill", buyer)
        groups = moves._read_group(
            [
                *(self._own("bill", buyer) & Domain("state", "=", "posted")),
                ("partner_id", "!=", False),
            ],
            ["partner_id"],
            ["date:max"],
            order="date:max DESC",
            limit=SUPPLIERS,
        )
        # sudo: as for _documents; their names are proposed.
        return self.env["res.partner"].sudo().union(*(p for p, _last in groups))
