from odoo import Command
from odoo.tests import HttpCase, tagged

from .test_contract import ContractCase


@tagged("post_install", "-at_install")
class TestContractTour(ContractCase, HttpCase):
    def test_a_contract_goes_through_three_opinions_to_its_signature(self):
        for role, user in (("legal", self.lawyer), ("finance", self.accountant), ("technical", self.engineer)):
            self.env.ref(f"kams_sales.review_policy_contract_{role}").user_id = user
        self.deal.name = "Gas retrofit"
        contract = self._contract(amount_total=1_130_000, name="Gas retrofit")
        contract.text_file_ids = self._file()
        self.env["kams.contract.clause"].create(
            {"contract_id": contract.id, "kind": "price", "name": "Price", "standard": "Fixed", "actual": "Fixed"}
        )
        contract.party_ids = [
            Command.create({"side": "us", "signatory": "Li Na", "authority_kind": "legal_representative"}),
            Command.create({"side": "customer", "signatory": "Wang Wu", "authority_kind": "legal_representative"}),
        ]

        def tour(url, name, login):
            self._settle()
            self.start_tour(url, name, login=login, timeout=120)
            self.env.invalidate_all()

        tour(f"/odoo/kams.contract/{contract.id}", "kams_ask_for_opinions", "kams_sales_user")
        review = contract.review_ids
        self.assertEqual((review.state, contract.state), ("open", "review"))
        for login in ("kams_lawyer", "kams_accountant", "kams_engineer"):
            tour("/odoo/kams-my-reviews", "kams_agree_to_a_review", login)
        self.assertEqual(review.opinion_ids.mapped("vote"), ["agree", "agree", "agree"])
        tour(f"/odoo/kams-reviews/{review.id}", "kams_decide_a_contract", "kams_director")
        self.assertEqual((contract.state, contract.opinions_state), ("approved", "approved"))
        contract.write({"signed_at": "2026-05-08", "signed_file_ids": self._file("Signed.pdf", b"Sealed").ids})
        tour(f"/odoo/kams.contract/{contract.id}", "kams_sign_a_contract", "kams_sales_user")
        self.assertEqual((contract.state, contract.signature_state), ("signed", "authorised"))
        self.assertEqual(contract.compared_by_id, self.salesperson)
