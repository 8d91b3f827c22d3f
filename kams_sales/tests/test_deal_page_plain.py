from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models import crm_lead_plain
from .common import KamsCase


@tagged("post_install", "-at_install")
class TestDealPagePlain(KamsCase):
    """A plain page is read a shorter way, and says the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain_team = cls.env["crm.team"].create({"name": "Plain team", "use_leads": True})
        cls.team.use_leads = True
        cls.plain = cls._deal(team_id=cls.plain_team.id, partner_id=cls.customer.id)
        cls.lead = cls._deal(team_id=cls.plain_team.id, type="lead")
        cls.clue = cls._deal(type="lead")  # of a team that works by a process, before it is a deal
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.left = cls._deal()
        check = cls.left.kams_check_ids[:1]
        cls.left.user_id = cls.colleague
        check.with_user(cls.director).waive("They never write anything down", "2099-01-01")
        cls.left.with_user(cls.director).action_kams_leave()
        cls.all = cls.plain | cls.lead | cls.clue | cls.deal | cls.left
        cls._settle()

    def _specification(self, lead, form_only=False):
        """What the form shows, and beside it all of ours that this user may read."""
        form = lead.get_views([(self.env.ref("crm.crm_lead_view_form").id, "form")])["models"]["crm.lead"]["fields"]
        fields = [lead._fields[name] for name in form if name != "id"]
        if not form_only:
            fields += [
                field
                for name, field in lead._fields.items()
                if name.startswith("kams_") and name not in form and lead._has_field_access(field, "read")
            ]
        names = {"fields": {"display_name": {}}}
        specification = {
            field.name: names if field.relational and field.comodel_name != "crm.lead" else {} for field in fields
        }
        return {**specification, "kams_process_id": {"fields": {}}}

    def _both(self, records, specification):
        """``(the shorter way, all fields asked of all records)``."""
        self.env.invalidate_all()
        short = records.web_read(specification)
        self.env.invalidate_all()
        return short, self._whole(records, specification)

    def _whole(self, records, specification):
        """Read without the shorter way."""
        with patch.object(crm_lead_plain, "OF_DEALS", set()):
            return records.web_read(specification)

    def test_each_kind_of_record_says_what_all_its_fields_say(self):
        for user in (self.director, self.sales_admin, self.salesperson, self.env.ref("base.user_admin")):
            seen = self.all.with_user(user)._filtered_access("read")
            for records in (*seen, seen, seen - self.deal, self.plain | self.deal, self.deal | self.plain):
                records = records.with_user(user)
                with self.subTest(user=user.login, records=records.mapped("name")):
                    short, full = self._both(records, self._specification(records))
                    self.assertEqual(short, full)
                    self.assertEqual([row["id"] for row in short], records.ids)

    def test_what_is_left_out_of_a_plain_page_is_most_of_ours(self):
        specification = self._specification(self.plain)
        rest = self.plain._kams_fields_of_deals(specification)
        ours = [name for name in specification if name.startswith("kams_") and not self.plain._fields[name].store]
        self.assertGreater(len(rest), len(ours) * 0.7)
        self.assertTrue(all(self.deal.web_read({name: {}}) for name in rest))

    def test_waivers_of_a_deal_that_left_stay_on_its_page(self):
        row = self.left.web_read(self._specification(self.left))[0]
        self.assertTrue(row["kams_waived_check_ids"])
        self.assertFalse(row["kams_process_id"])

    def test_who_may_not_read_a_field_may_not_read_that_it_is_empty(self):
        specification = self._specification(self.plain)
        forbidden = [
            name
            for name in self.plain._kams_fields_of_deals(specification)
            if not self.plain.with_user(self.auditor)._has_field_access(self.plain._fields[name], "read")
        ]
        outsider = self._person("kams_outsider_of_sales", "project.group_project_user")
        self.assertTrue(forbidden, "Invoices are for those who may read them")
        with self.assertRaises(AccessError):
            self.plain.with_user(self.auditor).web_read(specification)
        with self.assertRaises(AccessError):
            self.plain.with_user(outsider).web_read(specification)

    def test_somebody_elses_plain_deal_stays_unread(self):
        self.plain.user_id = self.colleague
        with self.assertRaises(AccessError):
            self.plain.with_user(self.salesperson).web_read(self._specification(self.plain.with_user(self.salesperson)))

    def test_new_records_and_gone_ones(self):
        specification = dict.fromkeys(self._specification(self.plain), {})
        gone = self._deal(team_id=self.plain_team.id)
        self._settle()
        gone.unlink()
        for records in (self.env["crm.lead"], self.plain | gone, self.deal | gone):
            self.assertEqual(*self._both(records, specification))
        new = self.env["crm.lead"].new({"name": "Not saved"})
        self.assertEqual(new.web_read(specification), self._whole(new, specification))

    def test_a_plain_page_takes_no_more_statements_and_few_fields_go_the_usual_way(self):
        specification = self._specification(self.plain, form_only=True)
        theirs = {name: spec for name, spec in specification.items() if not name.startswith("kams_")}
        counts = {}
        for name, asked in (("ours", specification), ("theirs", theirs), ("ours again", specification)):
            self.plain.web_read(asked)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.plain.web_read(asked)
            counts[name] = self.cr.sql_log_count - before
        self.assertEqual(counts["ours again"], counts["theirs"], counts)
        row = self.plain.web_read({"name": {}, "kams_process_id": {}, "kams_risk_count": {}})[0]
        self.assertEqual((row["kams_process_id"], row["kams_risk_count"]), (False, 0))
