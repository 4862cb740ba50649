import unicodedata

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# How French files name the reasons that the product ships, whatever the languages
# installed.
SHIPPED = {
    "création d'entreprise": "cae_base.exit_reason_company",
    "retour à l'emploi": "cae_base.exit_reason_job",
    "abandon du projet": "cae_base.exit_reason_abandoned",
    "retraite": "cae_base.exit_reason_retirement",
    "fin de contrat": "cae_base.exit_reason_end",
    "autre": "cae_base.exit_reason_other",
}
APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4`"), "'")


class CaeExitReason(models.Model):
    """Why people leave the cooperative."""

    _name = "cae.exit.reason"
    _description = "Exit Reason"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    survival = fields.Boolean(
        string="Counts as Lasting",
        help="People who left for this reason count as lasting in the three-year "
        "survival rate, such as those who created their own company.",
    )

    @api.constrains("name")
    def _check_name(self):
        names = self.with_context(active_test=False).search([("name", "!=", False)])
        seen = set()
        for reason in names:
            key = self._key(reason.name)
            if key in seen:
                raise ValidationError(
                    self.env._(
                        "CAE-EXIT-REASON: the exit reason %(name)s already exists.",
                        name=reason.name,
                    )
                )
            seen.add(key)

    @api.model
    def _key(self, name: str) -> str:
        """What two spellings of one reason share: case, spaces and apostrophes do
        not count, typographic ones are straight ones."""
        text = unicodedata.normalize("NFC", name or "").translate(APOSTROPHES)
        return " ".join(text.casefold().split())

    @api.model
    def _find_or_create(self, names) -> dict:
        """{name: reason} for ``names``, the missing reasons being created.

        Names are compared in every installed language, so that a French file finds
        the shipped reasons whatever the language of the user.
        """
        known = self._by_key()
        missing = {}
        for name in names:
            if self._key(name) not in known:
                missing.setdefault(self._key(name), name.strip())
        created = self.create([{"name": name} for name in missing.values()])
        known.update(zip(missing, created, strict=True))
        return {name: known[self._key(name)] for name in names}

    @api.model
    def _by_key(self):
        langs = [
            "en_US",
            *(code for code, _name in self.env["res.lang"].get_installed()),
        ]
        result = {}
        for lang in dict.fromkeys(langs):
            everything = self.with_context(active_test=False, lang=lang)
            reasons = everything.search([("name", "!=", False)])
            for reason in reasons:
                result.setdefault(self._key(reason.name), reason.with_env(self.env))
        for key, xmlid in SHIPPED.items():
            reason = self.env.ref(xmlid, raise_if_not_found=False)
            if reason:
                result.setdefault(key, reason)
        return result
