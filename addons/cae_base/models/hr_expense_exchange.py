from odoo import fields, models


class HrExpense(models.Model):
    """What the exchange remembers of the expenses that it loaded."""

    _name = "hr.expense"
    _inherit = ["hr.expense", "cae.owned"]

    cae_reference = fields.Char(
        string="Number in the File",
        copy=False,
        readonly=True,
        help="Names the expense in the files that it is loaded from.",
    )
    cae_load_date = fields.Date(string="Date in the File", copy=False, readonly=True)

    _cae_reference_uniq = models.UniqueIndex(
        "(company_id, cae_reference) "
        "WHERE cae_reference IS NOT NULL AND state <> 'refused'",
        "An expense with this number is already in the books.",
    )

    def _cae_post_dated(self, days, journal):
        """Post approved expenses, an entry each, without the wizard's questions.

        :param days: ``{expense: day of its entry}``
        :param journal: journal of what people paid themselves
        """
        own = self.filtered(lambda e: e.payment_mode == "own_account")
        receipts = [
            {
                **vals,
                "ref": expense.cae_reference,
                "journal_id": journal.id,
                "invoice_date": days[expense],
                "date": days[expense],
            }
            for expense in own
            for vals in expense._prepare_receipts_vals()
        ]
        moves = self.env["account.move"].create(receipts)
        paid = self - own
        paid._create_company_paid_moves()
        for expense in paid:
            if expense.account_move_id.date != days[expense]:
                expense.account_move_id.date = days[expense]
        moves._post(soft=False)
        paid.account_move_id.origin_payment_id.action_post()
