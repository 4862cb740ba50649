"""A secret vote of all the members of a register, timed."""

from datetime import datetime, timedelta

from .bench import Bench

CHOICES = (["for"], ["for"], ["against"], ["abstain"], [])


class Vote(Bench):
    """From the convocation to the result; what browsers do is not timed."""

    def run(self):
        """Each step; votes are cast one by one, each in a transaction."""
        meeting, item, keys = self.meeting()
        with self.measure("convene"):
            meeting.action_convene()
        meeting._cae_own().write({"date": datetime.now().replace(microsecond=0)})
        meeting.action_open()
        with self.measure("sign_in"):
            meeting.elector_ids.action_present()
        item.action_open_vote()
        self.env.flush_all()
        self.env.cr.commit()
        papers = self.papers(item)
        with self.measure("cast"):
            for elector, paper in papers.items():
                self.cast(item.id, elector, paper)
        with self.measure("close_urn"):
            item.action_close_vote()
        self.env.cr.commit()
        self.count_votes(meeting, item, keys)
        assert item.state == "decided", item.state
        assert item.voted_count == self.count == sum(item.result["votes"].values())

    def meeting(self):
        """A meeting to convene, its secret vote, the tellers' private keys."""
        from odoo.addons.cae_governance.engine import sealing

        rules = self.env.ref("cae_governance.rule_set_sa_scop")
        meeting = self.env["cae.meeting"].create(
            {
                "name": "General meeting",
                "date": datetime.now().replace(microsecond=0) + timedelta(days=30),
                "rule_set_id": rules.id,
            }
        )
        item = self.env["cae.resolution"].create(
            {"meeting_id": meeting.id, "title": "Accounts", "mode": "secret"}
        )
        members = self.env["cae.member"].search([], limit=2)
        keys = {}
        for member in members:
            teller = self.env["cae.ballot.teller"].create(
                {"meeting_id": meeting.id, "partner_id": member.partner_id.id}
            )
            private, public = sealing.new_key()
            # sudo: tellers give their own keys, from their own page.
            teller.sudo()._set_key(public)
            keys[teller] = private
        return meeting, item, keys

    def papers(self, item):
        """``{elector id: ballot}``, sealed as browsers seal them."""
        from odoo.addons.cae_governance.engine import sealing

        # sudo: the keys that the page of the vote shows to browsers.
        ballot = item.sudo().ballot_ids
        keys, needed = ballot.keys, ballot.needed
        return {
            elector: sealing.seal(CHOICES[number % len(CHOICES)], keys, needed)[0]
            for number, elector in enumerate(item.meeting_id.elector_ids.ids)
        }

    def cast(self, item, elector, paper):
        """What the request of a voter does."""
        self.env.invalidate_all()
        # sudo: voters have no user; their link told who they are.
        voter = self.env["cae.meeting.elector"].sudo().browse(elector)
        resolution = self.env["cae.resolution"].sudo().browse(item)
        resolution._cast_secret(voter, voter, paper)
        self.env.flush_all()
        self.env.cr.commit()

    def count_votes(self, meeting, item, keys):
        """Tellers get the parts, decrypt them in their browsers, and give them."""
        from odoo.addons.cae_governance.engine import sealing

        # sudo: the steps of the tellers, here and below.
        ballot = item.sudo().ballot_ids
        with self.measure("tellers"):
            parts = {teller: ballot._parts_for(teller.sudo()) for teller in keys}
        opened = {
            teller: sealing.decrypt_parts(keys[teller], part)
            for teller, part in parts.items()
        }
        self.env.invalidate_all()
        with self.measure("open_urn"):
            for teller, part in opened.items():
                ballot._give_parts(teller.sudo(), part)
