from odoo import fields, models


class CaeImport(models.TransientModel):
    """Loads a file into a dataset of ``cae.exchange`` and shows what is wrong."""

    _name = "cae.import"
    _description = "Import of Data"

    dataset = fields.Selection(
        [
            ("schemes", "Contribution schemes"),
            ("entrepreneurs", "Entrepreneurs"),
            ("activities", "Activities"),
            ("customers", "Customers"),
            ("opening", "Opening entries"),
            ("invoices", "Invoices and credit notes"),
            ("bills", "Supplier bills"),
            ("payments", "Payments"),
            ("bank_lines", "Bank lines"),
            ("expenses", "Expenses"),
            ("internal_sales", "Internal sales"),
        ],
        required=True,
    )
    file = fields.Binary(attachment=False)
    filename = fields.Char()
    encoding = fields.Selection(
        [("utf-8", "UTF-8"), ("windows-1252", "Windows-1252 (Latin-1)")],
        required=True,
        default="utf-8",
    )
    late = fields.Selection(
        [
            ("refuse", "Refuse them"),
            ("next", "Book them in the first open month"),
        ],
        string="Documents of Locked Months",
        required=True,
        default="refuse",
    )
    state = fields.Selection(
        [("new", "New"), ("checked", "Checked"), ("done", "Loaded")],
        default="new",
        readonly=True,
    )
    created = fields.Integer(readonly=True)
    updated = fields.Integer(readonly=True)
    unchanged = fields.Integer(readonly=True)
    error_ids = fields.One2many("cae.import.error", "import_id", readonly=True)

    def action_check(self) -> dict:
        """Check the file and write nothing."""
        return self._run(dry_run=True)

    def action_load(self) -> dict:
        """Load the file: all of it, or nothing when a row has a problem."""
        return self._run(dry_run=False)

    def _run(self, dry_run):
        self.ensure_one()
        content = self.with_context(bin_size=False).file
        content = content.decode() if isinstance(content, bytes) else content or ""
        result = self._load(content, dry_run)
        errors = result.pop("errors")
        self.error_ids.unlink()
        loaded = not dry_run and not errors
        self.write(
            {
                **result,
                "state": "done" if loaded else "checked",
                "error_ids": [fields.Command.create(error) for error in errors],
            }
        )
        return self._action_reopen()

    def _load(self, content, dry_run):
        return self.env["cae.exchange"].load_file(
            self.dataset,
            self.filename or "",
            content,
            dry_run=dry_run,
            encoding=self.encoding,
            late=self.late,
        )

    def _action_reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import data"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class CaeImportError(models.TransientModel):
    """A problem of an imported file."""

    _name = "cae.import.error"
    _description = "Problem of an Import"
    _order = "row, id"

    import_id = fields.Many2one("cae.import", required=True, ondelete="cascade")
    row = fields.Integer(help="Row of the data: the first one after the header is 1.")
    column = fields.Char()
    code = fields.Char()
    message = fields.Char(string="What to Do")
