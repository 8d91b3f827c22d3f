from odoo.tests import HttpCase, tagged

from .test_tender_clause import ClauseCase


@tagged("post_install", "-at_install")
class TestClauseTour(ClauseCase, HttpCase):
    def test_the_bid_desk_adds_a_clause_and_answers_the_starred_one(self):
        star = self._clauses("★ Two pumps of steel", clause_no="3.1")
        self._settle()
        url = f"/odoo/kams-tenders/{self.tender.id}"
        self.start_tour(url, "kams_work_a_clause", login="kams_bid_desk", timeout=120)
        self.env.invalidate_all()
        self.assertEqual((star.status, star.evidence), ("comply", "Volume 2, page 31"))
        added = self.tender.clause_ids - star
        self.assertEqual((added.clause_no, added.mark, added.status), ("3.2", "important", "tbd"))
        self.assertFalse(self.tender._open_stars())
