"""What is kept of a person for which purpose, and how long (RGPD art. 13 and 15)."""

from odoo import models

#: Purpose of what is kept, by model; words exchanged are part of the support.
PURPOSE = {
    **dict.fromkeys(
        ("cae.entrepreneur", "cae.contract", "cae.interruption"), "contract"
    ),
    **dict.fromkeys(("cae.candidate", "cae.diagnosis"), "entry"),
    **dict.fromkeys(
        (
            *("cae.social.file", "cae.social.status", "cae.social.aid"),
            "cae.exit.interview",
        ),
        "social",
    ),
    "cae.person.document": "documents",
    **dict.fromkeys(
        (
            *("cae.interview", "cae.interview.report", "cae.interview.signature"),
            *("cae.interview.note", "cae.coaching.action", "cae.coaching.alert"),
            *("cae.hand.over", "mail.message"),
        ),
        "support",
    ),
    **dict.fromkeys(
        (
            *("cae.skill.assessment", "cae.skill.assessment.line"),
            *("cae.directory.entry", "cae.joint.project"),
            *("cae.joint.project.member", "cae.service.request", "cae.service.time"),
        ),
        "services",
    ),
    **dict.fromkeys(
        (
            *("event.registration", "cae.workshop.attendance"),
            *("cae.workshop.evaluation", "cae.workshop.certificate"),
        ),
        "workshops",
    ),
    **dict.fromkeys(
        ("cae.funder.participant", "cae.funded.hour", "cae.unfunded.hour"), "funding"
    ),
}


class CaePersonalExport(models.AbstractModel):
    _inherit = "cae.personal.export"

    def _personal_purposes(self, sections):
        """Sections of an export by purpose, in the order in which they are told.

        :return: ``[{"key", "title", "why", "kept", "sections": [title]}]``, purposes
            without a section left out
        """
        words = self._purpose_words()
        titles = {key: [] for key in words}
        for title, (records, _names) in sections.items():
            # A section of another addon is of the support, until it says more.
            titles[PURPOSE.get(records._name, "support")].append(title)
        return [
            {"key": key, "title": said[0], "why": said[1], "kept": said[2]}
            | {"sections": titles[key]}
            for key, said in words.items()
            if titles[key]
        ]

    def _purpose_words(self):
        """``{purpose: (title, why, how long)}``, in words for the person."""
        return {**self._purposes_of_the_person(), **self._purposes_of_support()}

    def _purposes_of_the_person(self):
        terms = self._retention_terms()
        return {
            "contract": (
                self.env._("You and your contract"),
                self.env._(
                    "To carry out your contract with the cooperative (Code du travail "
                    "L.7331-2)."
                ),
                self.env._(
                    "Five years after the end of the contract; pay and accounts ten "
                    "years (Code de commerce L.123-22)."
                ),
            ),
            "entry": (
                self.env._("Your application"),
                self.env._("To study your application and to prepare your entry."),
                self.env._(
                    "%(candidate)s months after the last step if you do not enter; "
                    "else %(social)s months after your exit.",
                    **terms,
                ),
            ),
            "social": (
                self.env._("Your social file"),
                self.env._(
                    "To support you, and to tell public funders, in totals, whom the "
                    "cooperative supports."
                ),
                self.env._("%(social)s months after your exit.", **terms),
            ),
            "documents": (
                self.env._("Documents that you handed in"),
                self.env._("What your contract and your trade ask for."),
                self.env._(
                    "%(social)s months after your exit; longer where the law says so.",
                    **terms,
                ),
            ),
        }

    def _purposes_of_support(self):
        terms = self._retention_terms()
        rest = self.env._("The rest: %(social)s months after your exit.", **terms)
        return {
            "support": (
                self.env._("Interviews and support"),
                self.env._(
                    "To support your activity: two interviews in twelve months, each "
                    "with a written report (Code du travail R.7331-3)."
                ),
                self.env._(
                    "Signed reports: %(years)s years after your exit (Code civil art. "
                    "2224). %(rest)s",
                    **terms,
                    rest=rest,
                ),
            ),
            "services": (
                self.env._("Competences, directory and services"),
                self.env._(
                    "To bring you what you ask for, and to let the other entrepreneurs "
                    "find you if you publish your entry."
                ),
                self.env._("%(social)s months after your exit.", **terms),
            ),
            "workshops": (
                self.env._("Workshops"),
                self.env._("To organise workshops and to prove the trainings."),
                self.env._(
                    "Signed sheets and certificates of trainings: %(years)s years. "
                    "%(rest)s",
                    **terms,
                    rest=rest,
                ),
            ),
            "funding": (
                self.env._("Funded support"),
                self.env._("To prove to public funders the support that they pay for."),
                self.env._("As long as the funder's programme may be checked."),
            ),
        }

    def _retention_terms(self):
        # sudo: the terms of the cooperative are told to whoever they concern.
        company = self.company_id.sudo()
        return {
            "candidate": company.cae_candidate_retention_months,
            "social": company.cae_social_retention_months,
            "years": company.cae_evidence_years,
        }
