import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine.statement import digest
from .ir_attachment import FREEZING

# Only code can hold this object: what a published document says is computed.
COMPUTING = object()
#: What anyone with the right to write may change on a published document.
FREE = {
    "message_follower_ids",
    "message_ids",
    "message_main_attachment_id",
    "message_partner_ids",
    "activity_ids",
}
#: Documents without a kept PDF that a print may render while the user waits.
PRINT_LIMIT = 25
#: Documents whose figures are in memory at once.
TOGETHER = 1000


class CaePublished(models.AbstractModel):
    """A document computed from the accounts, frozen when it is published.

    Published means: the figures (``data``) and their SHA-256 never change. The PDF is
    rendered when it is first opened, then kept, with a hash of its own. A correction
    is a new version, with its reason; the earlier ones stay.
    """

    _name = "cae.published"
    _description = "Published Document"
    _inherit = ["cae.printed"]

    version = fields.Integer(default=1, readonly=True, copy=False, aggregator=None)
    current = fields.Boolean(
        default=True, readonly=True, copy=False, help="No later version replaces it."
    )
    published = fields.Boolean(readonly=True, copy=False)
    published_date = fields.Datetime(string="Published on", readonly=True, copy=False)
    published_by = fields.Many2one("res.users", readonly=True, copy=False)
    reason = fields.Char(
        string="Reason of the Version",
        readonly=True,
        copy=False,
        help="Why it was published again.",
    )
    data = fields.Json(
        readonly=True,
        copy=False,
        # Some kilobytes each: lists and months, which read thousands, need none.
        prefetch=False,
        help="All the figures, as they were published.",
    )
    data_hash = fields.Char(
        string="Hash of the Figures",
        readonly=True,
        copy=False,
        help="SHA-256 of the figures, taken when they were published.",
    )
    pdf_id = fields.Many2one(
        "ir.attachment",
        string="PDF",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    pdf_hash = fields.Char(
        string="Hash of the PDF",
        readonly=True,
        copy=False,
        help="SHA-256 of the PDF, taken when it was rendered.",
    )

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_computing()
        return super().create(vals_list)

    def write(self, vals):
        if set(vals) - FREE:
            self.check_access("write")
            self._check_computing()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        if any(record.published for record in self):
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-PUBLISHED: what was published is kept. Publish a "
                    "new version with its reason instead."
                )
            )

    @api.model
    def _check_computing(self):
        """:raises UserError: ``CAE-STATEMENT-COMPUTED``"""
        if self.env.context.get("cae_computing") is not COMPUTING:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-COMPUTED: statements are written by the run of the "
                    "month. Correct the documents and run it again."
                )
            )

    def _computing(self):
        return self.with_context(cae_computing=COMPUTING, tracking_disable=True)

    # ------------------------------------------------------------------
    # Publishing
    # ------------------------------------------------------------------

    def _publish(self):
        """Freeze drafts: their figures, the hash of these, who and when."""
        drafts = self.filtered(lambda record: not record.published)
        now = fields.Datetime.now()
        for record in drafts._computing():
            record.write(
                {
                    "published": True,
                    "published_date": now,
                    "published_by": self.env.uid,
                    "data_hash": digest(record.data),
                }
            )
        return drafts

    def _publish_again(self, data_by_id, reason):
        """New published versions of these, with other figures.

        :return: the new versions
        :raises UserError: ``CAE-STATEMENT-REASON``, ``CAE-STATEMENT-SAME``
        """
        reason = self._check_reason(reason)
        old = self._computing()
        for record in old:
            record._check_differs(data_by_id[record.id])
        old.write({"current": False})
        self.env.flush_all()
        versions = old.create(
            [r._prepare_version_vals(data_by_id[r.id], reason) for r in old]
        )
        versions._publish()
        return versions.with_env(self.env)

    def _prepare_version_vals(self, data, reason):
        return {"version": self.version + 1, "data": data, "reason": reason}

    @api.model
    def _check_reason(self, reason):
        if not (isinstance(reason, str) and reason.strip()):
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-REASON: say why a new version is published; the "
                    "entrepreneurs read it."
                )
            )
        return reason.strip()

    def _check_differs(self, data):
        if not self.published or not self.current:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-STATE: %(name)s is not the published version in "
                    "force.",
                    name=self.display_name,
                )
            )
        if self.data == data:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-SAME: nothing has changed in %(name)s since it was "
                    "published.",
                    name=self.display_name,
                )
            )

    # ------------------------------------------------------------------
    # PDF
    # ------------------------------------------------------------------

    def _prepare_document_values(self):
        return {**super()._prepare_document_values(), "data": self.data}

    def _fresh_data(self):
        """Hook: ``{id: data as it would be today}``."""
        return {}

    def _pdfs(self):
        """PDF contents by record, rendered and kept when it is the first time.

        A draft is rendered and not kept.

        :raises UserError: ``CAE-STATEMENT-PREPARE``, ``CAE-STATEMENT-PDF``
        """
        self.check_access("read")
        if len(self.filtered(lambda r: not r.pdf_id)) > PRINT_LIMIT:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-PREPARE: more than %(count)s of these have no PDF "
                    "yet. Prepare the PDFs from the month first.",
                    count=PRINT_LIMIT,
                )
            )
        self._fill()
        self._keep_pdfs()
        drafts = self.filtered(lambda r: not r.published)
        # sudo: the file of a document that the user may read, checked above.
        kept = {r.id: r.sudo().pdf_id.raw for r in self - drafts}
        return {**kept, **drafts._render_pdfs()}

    def _fill(self):
        """Give figures to the drafts of before figures were kept."""
        # sudo: the figures of drafts that the user may read.
        empty = self.sudo().filtered(lambda r: not r.data)
        data = empty._fresh_data() if empty else {}
        for record in empty._computing():
            record.data = data[record.id]

    def _keep_pdfs(self):
        """Render the PDFs of published documents that have none, and keep them."""
        # sudo: whoever first opens a published document, an entrepreneur too, makes
        # its PDF; what it says was frozen before.
        missing = self.sudo().filtered(lambda r: r.published and not r.pdf_id)
        if not missing:
            return missing
        missing._hold_files()
        missing.invalidate_recordset(["pdf_id"])
        missing = missing.filtered(lambda r: not r.pdf_id)
        contents = missing._render_pdfs()
        # sudo: as above.
        attachments = self.env["ir.attachment"].sudo()
        attachments = attachments.with_context(cae_freezing=FREEZING).create(
            [r._prepare_pdf_vals(contents[r.id]) for r in missing]
        )
        for record, attachment in zip(missing._computing(), attachments, strict=True):
            content = contents[record.id]
            record.pdf_id = attachment.id
            record.pdf_hash = hashlib.sha256(content).hexdigest()
        return missing

    def _hold_files(self):
        """:raises UserError: ``CAE-STATEMENT-BUSY``"""
        if len(self.try_lock_for_update()) < len(self):
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-BUSY: somebody else is preparing this PDF. Try "
                    "again in a moment."
                )
            )

    def _prepare_pdf_vals(self, content):
        return {
            "name": f"{self._file_name()}.pdf",
            "raw": content,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
            "company_id": self.company_id.id,
            "cae_frozen": True,
        }

    # ------------------------------------------------------------------
    # Integrity
    # ------------------------------------------------------------------

    def _altered(self):
        """Published documents whose figures or PDF are not what their hashes say."""
        # sudo: the files of documents that the user may read.
        return self.filtered(lambda r: r.published and r.sudo()._is_altered())

    def _is_altered(self):
        content = self.pdf_id.raw or b""
        kept = not self.pdf_id or hashlib.sha256(content).hexdigest() == self.pdf_hash
        return bool(self._altered_data()) or not kept

    def _altered_data(self):
        altered = set()
        self.flush_model(["data", "data_hash"])
        for start in range(0, len(self), TOGETHER):
            # Not by the ORM, which keeps all the figures, and copies each of them.
            rows = self.env.execute_query(
                SQL(
                    "SELECT id, data, data_hash FROM %s"
                    " WHERE id = ANY(%s) AND data_hash IS NOT NULL",
                    SQL.identifier(self._table),
                    self.ids[start : start + TOGETHER],
                )
            )
            altered.update(key for key, data, known in rows if digest(data) != known)
        return self.filtered(lambda r: r.id in altered)

    def action_verify(self) -> dict:
        """Compute the hashes again and say whether they are those of publication."""
        altered = self._altered()
        message = self.env._("The figures and the PDF are those that were published.")
        if altered:
            message = self.env._(
                "CAE-STATEMENT-ALTERED: changed outside the product: %(names)s",
                names=", ".join(altered.mapped("display_name")),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "danger" if altered else "success", "message": message},
        }
