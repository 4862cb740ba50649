from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.cae_base.engine.texts import cleaned
from odoo.addons.cae_base.tools import words_domain

from .cae_skill_assessment import _number

TEXTS = {"headline": 120, "offers": 2000, "wants": 2000, "city": 80, "website": 200}
SWITCHES = ("published", "show_email", "show_phone")


def listed_with(words: str, names: tuple[str, ...]) -> Domain:
    """What is listed and has each of the words in one of these fields."""
    found = words_domain(cleaned(words, 200), names, most=8)
    return Domain("listed", "=", True) & found


class CaeDirectoryEntry(models.Model):
    """What a person tells the others of the cooperative, when they want to.

    Nobody else publishes it, and only what the person chose to show is on it.
    """

    _name = "cae.directory.entry"
    _description = "Entry of the Directory"
    _order = "name, id"

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        string="Person",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="entrepreneur_id.company_id", store=True, index=True
    )
    user_id = fields.Many2one(related="entrepreneur_id.user_id", store=True, index=True)
    name = fields.Char(related="entrepreneur_id.name", store=True)
    published = fields.Boolean(readonly=True, help="The person wants to be found.")
    published_date = fields.Date(string="Agreed on", readonly=True)
    listed = fields.Boolean(
        compute="_compute_listed",
        store=True,
        index=True,
        help="Published, by a person who has not left.",
    )
    headline = fields.Char(readonly=True)
    offers = fields.Text(readonly=True)
    wants = fields.Text(
        readonly=True, string="Looks For", help="Partners, joint projects, help…"
    )
    tag_ids = fields.Many2many("cae.directory.tag", readonly=True, string="Skills")
    city = fields.Char(readonly=True)
    website = fields.Char(readonly=True)
    show_email = fields.Boolean(readonly=True)
    show_phone = fields.Boolean(readonly=True)
    email = fields.Char(compute="_compute_contact", store=True)
    phone = fields.Char(compute="_compute_contact", store=True)

    _person_uniq = models.UniqueIndex(
        "(entrepreneur_id)", "CAE-SKILL-ENTRY: a person has one entry."
    )

    @api.depends("published", "entrepreneur_id.stage", "entrepreneur_id.active")
    def _compute_listed(self):
        for entry in self:
            person = entry.entrepreneur_id
            here = person.active and person.stage != "left"
            entry.listed = entry.published and here

    @api.depends(
        "show_email", "show_phone", "entrepreneur_id.email", "entrepreneur_id.phone"
    )
    def _compute_contact(self):
        for entry in self:
            person = entry.entrepreneur_id
            entry.email = entry.show_email and person.email
            entry.phone = entry.show_phone and person.phone

    @api.model
    def action_save_mine(self, values: dict) -> bool:
        """The connected person's entry; publishing it is theirs alone.

        :param values: ``headline``, ``offers``, ``wants``, ``city``, ``website``,
            ``published``, ``show_email``, ``show_phone``, ``tags`` (ids)
        :raises AccessError: ``CAE-ACCESS``
        :raises UserError: ``CAE-SKILL-EMPTY``, ``CAE-SKILL-LINK``
        """
        person = self.env["cae.entrepreneur"].search(
            [("user_id", "=", self.env.uid)], limit=1
        )
        if not person:
            raise AccessError(self.env._("CAE-ACCESS: this is for entrepreneurs."))
        vals = self._own_values(person, values if isinstance(values, dict) else {})
        # sudo: nobody writes entries but the person, by this way.
        entries = self.sudo()
        entry = entries.search([("entrepreneur_id", "=", person.id)])
        if vals["published"] and not entry.published:
            vals["published_date"] = fields.Date.context_today(self)
        if entry:
            entry.write(vals)
        else:
            entries.create({"entrepreneur_id": person.id, **vals})
        return True

    def _own_values(self, person, values):
        vals = {
            name: cleaned(values.get(name), length) for name, length in TEXTS.items()
        }
        vals |= {name: bool(values.get(name)) for name in SWITCHES}
        if vals["published"] and not vals["headline"]:
            raise UserError(
                self.env._("CAE-SKILL-EMPTY: say in a few words what you do.")
            )
        if vals["website"] and not vals["website"].startswith(("https://", "http://")):
            raise UserError(
                self.env._("CAE-SKILL-LINK: a web address starts with https://.")
            )
        tags = values.get("tags")
        given = [_number(tag) for tag in (tags if isinstance(tags, list) else ())]
        known = self.env["cae.directory.tag"].search(
            [("id", "in", given), ("company_id", "=", person.company_id.id)]
        )
        return {**vals, "tag_ids": [fields.Command.set(known.ids)]}

    def action_withdraw(self) -> bool:
        """Take these entries off the directory; the persons may publish again.

        :raises AccessError: ``CAE-ACCESS``
        """
        if not self.env.user.has_group("cae_coaching.group_coaching_manager"):
            raise AccessError(
                self.env._("CAE-ACCESS: the head of coaching takes an entry off.")
            )
        self.check_access("read")
        # sudo: nobody writes entries; the head may only take them off.
        self.sudo().write({"published": False})
        return True

    @api.model
    def _matching(self, words: str) -> Domain:
        """Entries on which each of the words is, somewhere."""
        return listed_with(
            words, ("name", "headline", "offers", "wants", "city", "tag_ids.name")
        )
