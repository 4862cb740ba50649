from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.cae_base.engine.texts import cleaned, one_line
from odoo.addons.cae_base.models.cae_owned import OWNED

from .cae_directory_entry import listed_with
from .cae_skill_assessment import _number

#: Of texts of several lines, and of the name, which is the subject of e-mails.
TEXTS, NAME = {"description": 4000, "wants": 2000}, 120
LONGEST = 2000
#: Words that a person sends in a day, on all projects: the rest is noise.
DAILY = 20
STATES = [
    ("open", "Looks for partners"),
    ("running", "Under way"),
    ("closed", "Ended"),
]
#: Steps of the portal and of the head of coaching move it.
OWNED["cae.joint.project"] = {"state": "open", "date_closed": False}


class CaeJointProject(models.Model):
    """What members of the directory want to do together.

    It hangs on the proposer's entry of the directory: who leaves the directory is not
    shown any more, nor what they proposed. People write to each other here; addresses
    are given to nobody.
    """

    _name = "cae.joint.project"
    _description = "Joint Project"
    _inherit = ["cae.owned", "mail.thread"]
    _order = "state desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    description = fields.Text(readonly=True)
    wants = fields.Text(
        string="Looks For", readonly=True, help="Skills, means, time that are sought."
    )
    tag_ids = fields.Many2many(
        "cae.directory.tag",
        "cae_joint_project_tag_rel",
        string="Skills Sought",
        readonly=True,
    )
    entry_id = fields.Many2one(
        "cae.directory.entry",
        string="Proposed by",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="entry_id.company_id", store=True, index=True)
    user_id = fields.Many2one(related="entry_id.user_id", store=True, index=True)
    proposer = fields.Char(related="entry_id.name", string="Proposer", store=True)
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="open",
        index=True,
        copy=False,
        group_expand=True,
    )
    date_closed = fields.Date(string="Ended on", readonly=True, copy=False)
    shown = fields.Boolean(
        related="entry_id.listed",
        store=True,
        string="Shown",
        help="The proposer is in the directory.",
    )
    listed = fields.Boolean(compute="_compute_listed", store=True, index=True)
    member_ids = fields.One2many("cae.joint.project.member", "project_id")
    member_count = fields.Integer(
        string="Participants", compute="_compute_member_count", compute_sudo=True
    )

    @api.depends("shown", "state")
    def _compute_listed(self):
        for project in self:
            project.listed = project.shown and project.state != "closed"

    @api.depends("member_ids.shown")
    def _compute_member_count(self):
        # Not by the participants: read here as superuser, they would stay in the cache
        # of whoever may not see them all.
        rows = self.env["cae.joint.project.member"]._read_group(
            [("project_id", "in", self.ids), ("shown", "=", True)],
            ["project_id"],
            ["__count"],
        )
        counts = {project.id: count for project, count in rows}
        for project in self:
            project.member_count = counts.get(project.id, 0)

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------

    @api.model
    def _my_entry(self):
        """The connected person's entry of the directory, published (sudo).

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-PROJECT-DIRECTORY``
        """
        person = self.env["cae.entrepreneur"]
        if person.has_access("read"):
            person = person.search([("user_id", "=", self.env.uid)], limit=1)
        if not person:
            raise AccessError(self.env._("CAE-ACCESS: this is for entrepreneurs."))
        # sudo: one's own entry, whose right the portal has not on projects.
        entry = self.env["cae.directory.entry"].sudo()
        entry = entry.search([("entrepreneur_id", "=", person.id)])
        if not entry.listed:
            raise UserError(
                self.env._(
                    "CAE-PROJECT-DIRECTORY: joint projects are for those whom the "
                    "others can find. Publish your entry of the directory first."
                )
            )
        return entry

    def _takes_part(self, entry):
        """Whether this entry proposes this project, or takes part in it."""
        return entry == self.entry_id or entry in self._places().entry_id

    def _places(self):
        """Who takes part, as far as the user sees them; see ``member_count``."""
        places = self.env["cae.joint.project.member"]
        return places.search([("project_id", "in", self.ids)])

    def _mine(self):
        """These projects (sudo), all of them proposed by the connected person.

        :raises AccessError: ``CAE-ACCESS``
        """
        # sudo: who proposed it; nothing else is read before the check.
        projects = self.sudo()
        if any(project.user_id != self.env.user for project in projects):
            raise AccessError(
                self.env._("CAE-ACCESS: who proposed this project changes it.")
            )
        return projects

    def _open_to_me(self):
        """This project (sudo) and the person's entry; it is shown to them.

        :raises AccessError: ``CAE-ACCESS``
        """
        self.ensure_one()
        entry = self._my_entry()
        # The rule lets through what is shown, or what the person takes part in.
        self.check_access("read")
        # sudo: the person writes nothing on projects but by these steps.
        return self.sudo(), entry

    # ------------------------------------------------------------------
    # Steps of the proposer
    # ------------------------------------------------------------------

    @api.model
    def action_propose(self, values: dict) -> int:
        """The connected person proposes a project.

        :param values: ``name``, ``description``, ``wants``, ``tags`` (ids)
        :return: id of the project
        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-PROJECT-DIRECTORY``, ``CAE-PROJECT-NAME``
        """
        entry = self._my_entry()
        vals = self._own_values(entry, values)
        # sudo: nobody creates projects but by this way.
        here = self.sudo().with_context(mail_create_nosubscribe=True)
        return here.create({**vals, "entry_id": entry.id}).id

    def action_change_mine(self, values: dict) -> bool:
        """The proposer rewrites it.

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-PROJECT-DIRECTORY``, ``CAE-PROJECT-NAME``
        """
        mine = self._mine()
        mine.write(self._own_values(self._my_entry(), values))
        return True

    @api.model
    def _own_values(self, entry, values):
        values = values if isinstance(values, dict) else {}
        vals = {
            name: cleaned(values.get(name), length) for name, length in TEXTS.items()
        }
        vals["name"] = one_line(values.get("name"), NAME)
        if not vals["name"]:
            raise UserError(self.env._("CAE-PROJECT-NAME: give the project a name."))
        tags = values.get("tags")
        given = [_number(tag) for tag in (tags if isinstance(tags, list) else ())]
        known = self.env["cae.directory.tag"].search(
            [("id", "in", given), ("company_id", "=", entry.company_id.id)]
        )
        return {**vals, "tag_ids": [fields.Command.set(known.ids)]}

    def action_start(self) -> bool:
        """The partners are found: it is under way.

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-PROJECT-STATE``
        """
        return self._mine()._step("running", {"open"})

    def action_reopen(self) -> bool:
        """It looks for partners again.

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-PROJECT-STATE``
        """
        return self._mine()._step("open", {"running", "closed"})

    def action_close(self) -> bool:
        """It ended, or comes to nothing; the proposer or the head of coaching says so.

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-PROJECT-STATE``
        """
        if self.env.user.has_group("cae_coaching.group_coaching_manager"):
            self.check_access("read")
            # sudo: the head writes no project, but may take one off.
            return self.sudo()._step("closed", {"open", "running"})
        return self._mine()._step("closed", {"open", "running"})

    def _step(self, state, before):
        if any(project.state not in before for project in self):
            raise UserError(
                self.env._("CAE-PROJECT-STATE: this project is not at that step.")
            )
        today = fields.Date.context_today(self)
        closed = state == "closed" and today
        self._cae_own().write({"state": state, "date_closed": closed})
        return True

    # ------------------------------------------------------------------
    # Steps of the others
    # ------------------------------------------------------------------

    def action_join(self, text: str = "") -> bool:
        """The connected person takes part; the others are told.

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-PROJECT-DIRECTORY``, ``CAE-PROJECT-STATE`` when it does
            not look for partners, ``CAE-PROJECT-TWICE``
        """
        project, entry = self._open_to_me()
        if project.state != "open" or not project.shown:
            raise UserError(
                self.env._("CAE-PROJECT-STATE: this project looks for nobody.")
            )
        if project._takes_part(entry):
            raise UserError(
                self.env._("CAE-PROJECT-TWICE: you take part in this project already.")
            )
        project.env["cae.joint.project.member"].create(
            {"project_id": project.id, "entry_id": entry.id}
        )
        said = self.env._("%(name)s joined the project.", name=entry.name)
        words = _words(text)
        project._say(entry, f"{said}\n{words}" if words else said)
        return True

    def action_leave(self) -> bool:
        """The connected person takes part no more, in the directory or not.

        :raises AccessError: ``CAE-ACCESS``
        """
        # sudo: one's own places, by the user; the person deletes nothing else.
        places = self.env["cae.joint.project.member"].sudo()
        mine = places.search(
            [("project_id", "in", self.ids), ("user_id", "=", self.env.uid)]
        )
        if not mine:
            raise AccessError(
                self.env._("CAE-ACCESS: you do not take part in this project.")
            )
        mine.unlink()
        return True

    def action_say(self, text: str) -> bool:
        """A word on the project; nobody's address is given.

        From who takes part it goes to all who do, from another to the proposer.

        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-PROJECT-DIRECTORY``, ``CAE-PROJECT-WORDS``,
            ``CAE-PROJECT-OFTEN`` beyond twenty words a day
        """
        project, entry = self._open_to_me()
        words = _words(text)
        if not words:
            raise UserError(self.env._("CAE-PROJECT-WORDS: write something."))
        project._say(entry, words)
        return True

    def _say(self, entry, words):
        """Post the words in the name of the person, and send them (sudo)."""
        self._check_often(entry)
        author = entry.entrepreneur_id.partner_id
        self.with_context(mail_create_nosubscribe=True).message_post(
            body=words,
            author_id=author.id,
            # Not the author's address: it would be in the message.
            email_from=self.company_id.email_formatted or author.name,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        others = self.entry_id
        if self._takes_part(entry):
            others |= self._places().entry_id
        self._send(entry, others - entry, words)

    def _check_often(self, entry):
        since = fields.Datetime.now() - timedelta(days=1)
        said = self.env["mail.message"].search_count(
            [
                ("model", "=", self._name),
                ("author_id", "=", entry.entrepreneur_id.partner_id.id),
                ("date", ">=", since),
            ]
        )
        if said >= DAILY:
            raise UserError(
                self.env._(
                    "CAE-PROJECT-OFTEN: %(count)s messages a day at most.", count=DAILY
                )
            )

    def _send(self, entry, others, words):
        """An e-mail of the cooperative to each of the others, one by one."""
        sender = self.company_id.email_formatted
        mails = [
            {
                "subject": self.name,
                "email_from": sender,
                "reply_to": sender,
                "email_to": other.entrepreneur_id.email,
                "body_html": self._mail_body(entry, other, words),
                "auto_delete": True,
            }
            for other in others.filtered("entrepreneur_id.email")
        ]
        self.env["mail.mail"].create(mails)

    def _mail_body(self, entry, other, words):
        lang = other.user_id.lang or self.company_id.partner_id.lang
        here = self.with_context(lang=lang)
        said = here.env._("%(name)s writes about a joint project:", name=entry.name)
        answer = here.env._("Answer in the portal")
        lines = Markup("<br/>").join(words.split("\n"))
        page = f"{self.get_base_url()}/my/joint-projects/{self.id}"
        return Markup(
            '<p>%s</p><blockquote>%s</blockquote><p><a href="%s">%s</a></p>'
        ) % (said, lines, page, answer)

    def _words_for(self, entry):
        """Words that this person reads: all of them, or their own from outside."""
        self.ensure_one()
        # sudo: comments of a project whose reading was checked.
        here = self.sudo()
        domain = Domain(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "=", "comment"),
                ("is_internal", "=", False),
            ]
        )
        if not here._takes_part(entry):
            partner = entry.entrepreneur_id.partner_id
            domain &= Domain("author_id", "=", partner.id)
        return here.env["mail.message"].search(domain, order="id")

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Who finds a project reads no words: its page says whose (``_words_for``)."""
        operations = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        if self.env.user.share:
            operations = dict.fromkeys(operations, "write")
        return operations

    # ------------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------------

    @api.model
    def _matching(self, words: str) -> Domain:
        """Listed projects on which each of the words is, somewhere."""
        return listed_with(
            words, ("name", "description", "wants", "proposer", "tag_ids.name")
        )


class CaeDirectoryEntry(models.Model):
    _inherit = "cae.directory.entry"

    def _leave_projects(self, without):
        """Before these entries are erased: others go on with what they share.

        :param without: function that takes the person's name out of a text
        """
        projects = self.env["cae.joint.project"].search([("entry_id", "in", self.ids)])
        places = self.env["cae.joint.project.member"]
        places.search([("entry_id", "in", self.ids)]).unlink()
        for project in projects:
            heir = project._places()[:1]
            if not heir:
                project.unlink()
                continue
            project.write(
                {
                    "entry_id": heir.entry_id.id,
                    **{name: without(project[name]) for name in ("name", *TEXTS)},
                }
            )
            heir.unlink()


def _words(text):
    return cleaned(text, LONGEST)
