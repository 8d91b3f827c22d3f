from odoo.tests import HttpCase, tagged

from .test_proposal import ProposalCase


@tagged("post_install", "-at_install")
class TestProposalTour(ProposalCase, HttpCase):
    def test_a_proposal_is_written_reviewed_and_submitted(self):
        self.env["kams.requirement"].create({"lead_id": self.deal.id, "name": "Cold start", "must": True})
        self._settle()
        where = f"/odoo/kams-proposals/{self.proposal.id}"
        self.start_tour(where, "kams_write_a_proposal", login="kams_sales_user", timeout=120)
        self.env.invalidate_all()
        self.assertEqual(self.proposal.submitted_to_id, self.contact)
        self.assertEqual((self.proposal.one_off_cost, self.proposal.years), (3_000_000, 3))
        self._ready()
        self._settle()
        self.start_tour(where, "kams_submit_a_proposal", login="kams_sales_user", timeout=120)
        self.env.invalidate_all()
        self.assertEqual((self.proposal.state, self.proposal.customer_feedback), ("submitted", "They like it"))
