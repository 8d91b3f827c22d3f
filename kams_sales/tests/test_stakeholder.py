from psycopg2.errors import UniqueViolation

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_decision_chain import ChainCase


@tagged("post_install", "-at_install")
class TestStakeholder(ChainCase):
    """Section 3.6: one person of a chain, and what they live through."""

    # ONE ECONOMIC BUYER
    def test_a_second_economic_buyer_is_refused_by_name_on_every_route(self):
        self._person("Chen", mh_role="eb")
        other = self._person("Li")
        refused = self.assertRaisesRegex(
            ValidationError, "Boiler retrofit has an economic buyer already: Chen.*another role before Li"
        )
        with refused:
            other.mh_role = "eb"
        with self.assertRaisesRegex(ValidationError, "economic buyer already: Chen"):
            self._person("Wang", mh_role="eb")
        partner = self._contact("Wu")
        with self.assertRaisesRegex(ValidationError, "economic buyer already: Chen"):
            self.env["kams.stakeholder"].with_context(default_lead_id=self.deal.id, default_mh_role="eb").create(
                {"partner_id": partner.id}
            )
        result = self.env["kams.stakeholder"].load(
            ["lead_id/.id", "partner_id/.id", "mh_role"], [[str(self.deal.id), str(partner.id), "Economic Buyer"]]
        )
        self.assertFalse(result["ids"])
        self.assertIn("economic buyer already: Chen", result["messages"][0]["message"])
        self._person("Elsewhere", self._deal(name="Another"), mh_role="eb")

    def test_two_in_one_breath_are_refused_and_a_handover_is_not(self):
        partners = [self._contact(name) for name in ("A", "B")]
        with self.assertRaisesRegex(ValidationError, "economic buyer already: A"):
            self.env["kams.stakeholder"].create(
                [{"lead_id": self.deal.id, "partner_id": partner.id, "mh_role": "eb"} for partner in partners]
            )
        chief, other = self._person("Chen", mh_role="eb"), self._person("Li")
        self.deal.write(
            {
                "kams_stakeholder_ids": [
                    Command.update(chief.id, {"mh_role": "ub"}),
                    Command.update(other.id, {"mh_role": "eb"}),
                ]
            }
        )
        self.env.flush_all()
        self.assertEqual((chief.mh_role, other.mh_role), ("ub", "eb"))

    def test_the_database_holds_when_two_transactions_race(self):
        first, second = self._person("Chen", mh_role="eb"), self._person("Li")
        self.env.flush_all()
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.cr.execute("UPDATE kams_stakeholder SET mh_role = 'eb' WHERE id = %s", [second.id])
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.cr.execute(
                "UPDATE kams_stakeholder SET partner_id = %s WHERE id = %s", [first.partner_id.id, second.id]
            )

    # PLACE
    def test_a_contact_stands_once_in_a_chain_and_in_as_many_as_there_are(self):
        person = self._person("Chen")
        with self.assertRaisesRegex(ValidationError, "Chen stands in the decision chain of Boiler retrofit already"):
            self._person("", partner=person.partner_id)
        twin = self._person("", self._deal(name="Another"), partner=person.partner_id, attitude="2")
        self.assertFalse(person.attitude)
        twin.unlink()
        self.assertTrue(person.exists())

    def test_reporting_lines_stay_in_the_deal_and_never_run_in_a_circle(self):
        a, b, c = (self._person(name) for name in "ABC")
        c.reports_to_id, b.reports_to_id = b, a
        for person in (a, b):
            with self.assertRaisesRegex(ValidationError, "report to themselves"):
                person.reports_to_id = c
        with self.assertRaisesRegex(ValidationError, "report to themselves"):
            a.reports_to_id = a
        stranger = self._person("Stranger", self._deal(name="Another"))
        with self.assertRaisesRegex(ValidationError, "A can't report to Stranger"):
            a.reports_to_id = stranger

    def test_who_reported_to_somebody_deleted_reports_to_their_superior(self):
        a, b, c, d = (self._person(name) for name in "ABCD")
        d.reports_to_id, c.reports_to_id, b.reports_to_id = c, b, a
        (b | c).with_user(self.salesperson).unlink()
        self.assertEqual(d.reports_to_id, a)
        a.unlink()
        self.assertFalse(d.reports_to_id)

    def test_what_somebody_decides_by_has_no_negative_weight(self):
        person = self._person("Chen")
        with self.assertRaisesRegex(ValidationError, "Weight"):
            person.criterion_ids = [Command.create({"criterion": "Price", "weight": -5})]

    def test_a_star_taken_back_is_unknown_not_naught(self):
        person = self._person("Chen", influence="0")
        self.assertIs(person.influence, False)
        person.influence = "3"
        person.influence = "0"
        self.assertIs(person.influence, False)

    def test_key_players_are_those_of_the_circle_and_the_structure(self):
        person = self._person("Chen")
        for political, key in (
            ("outside", False),
            ("political_structure", True),
            ("inner_circle", True),
            (False, False),
        ):
            person.political = political
            self.assertEqual(person.is_key_player, key, political)

    def test_attitude_and_roles_are_told_in_the_chatter(self):
        person = self._person("Chen", attitude="-1")
        self._settle()
        person.write({"attitude": "2", "mh_role": "coach", "buying_role_ids": [Command.set(self.roles["user"].ids)]})
        self._settle()
        changed = person.message_ids[0].tracking_value_ids.field_id.mapped("name")
        self.assertEqual(sorted(changed), ["attitude", "buying_role_ids", "mh_role"])

    def test_any_text_is_kept_as_typed(self):
        for text in ("<b>bold</b> & <script>x</script>", "长" * 10_000, "مرحبا \u202eבוקר", "😀👩‍👩‍👧"):
            person = self._person(text[:40], strategy=text, red_flag=text, business_agenda=text)
            self.env.invalidate_all()
            self.assertEqual((person.strategy, person.red_flag), (text, text))
            self.assertTrue(self.deal.kams_chain_advice)
            person.unlink()

    # BY SPREADSHEET
    def test_a_chain_comes_in_by_spreadsheet_with_its_reporting_lines(self):
        for name in ("Chen", "Li", "Wang"):
            self._contact(name)
        model = self.env["kams.stakeholder"].with_user(self.salesperson)
        columns = ["lead_id", "partner_id", "superior_name", "influence", "coverage"]
        self.assertLessEqual(set(columns), {column for column, _example in model._import_columns()})
        row = ["Boiler retrofit", "Huaneng Power, Chen", "", "5 Very high", "Met Briefly"]
        rows = [row, [row[0], "Huaneng Power, Li", "chen", "", "Not Met"]]
        result = model.load(columns, rows)
        self.assertEqual(len(result["ids"] or ()), 2, result["messages"])
        chief, engineer = model.browse(result["ids"])
        self.assertEqual((engineer.reports_to_id, chief.influence, engineer.influence), (chief, "5", False))
        result = model.load(columns, [[row[0], "Huaneng Power, Wang", "Nobody", "", "Not Met"]])
        self.assertFalse(result["ids"])
        self.assertIn("Wang reports to Nobody, who doesn't stand in", result["messages"][0]["message"])

    # PERSONAL DATA
    def test_a_personal_agenda_is_the_contacts_and_kept_on_a_basis(self):
        person = self._person("Chen")
        self.assertNotIn("personal_agenda", person.with_user(self.salesperson).fields_get())
        keeper = self._person("kams_keeper", "sales_team.group_sale_salesman_all_leads,kams_sales.group_personal_data")
        keeper.group_ids |= self.env.ref("base.group_partner_manager")
        with self.assertRaisesRegex(ValidationError, "legal basis"):
            person.with_user(keeper).personal_agenda = "Wants to be head of the plant"
        person.partner_id.write({"kams_pi_basis": "contract", "kams_retention_until": fields.Date.today()})
        person.with_user(keeper).personal_agenda = "Wants to be head of the plant"
        self.assertEqual(person.partner_id.kams_agenda, "Wants to be head of the plant")
        again = self._person("", self._deal(name="Another"), partner=person.partner_id)
        self.assertEqual(again.with_user(keeper).personal_agenda, "Wants to be head of the plant")
        person.partner_id._kams_erase(person.partner_id)
        self.assertFalse(again.with_user(keeper).personal_agenda)

    # KNOWN FROM EARLIER
    def test_what_was_last_known_of_a_contact_is_filled_in_and_attitude_is_not(self):
        known = self._person(
            "Chen",
            self._deal(name="Before", partner_id=self.customer.id),
            roles=["decider", "approver"],
            mh_role="eb",
            influence="4",
            political="inner_circle",
            adaptability="pragmatist",
            decision_orientation="financial",
            business_agenda="Fewer stops",
            attitude="-1",
            coverage="multiple",
        )
        known.criterion_ids = [Command.create({"criterion": "Price", "rank": 1, "weight": 70})]
        nobody = self._contact("Nobody yet")
        model = self.env["kams.stakeholder"].with_user(self.salesperson)
        with Form(model.with_context(default_lead_id=self.deal.id)) as form:
            form.partner_id = known.partner_id
            self.assertEqual((form.mh_role, form.influence, form.business_agenda), ("eb", "4", "Fewer stops"))
            self.assertIn("Sceptical, Met Several Times", form.earlier_hint)
            form.partner_id = nobody
            self.assertFalse(form.mh_role or form.influence or form.business_agenda or form.earlier_hint)
            form.influence = "2"
            form.partner_id = known.partner_id
            self.assertEqual(form.influence, "2", "What was typed stays.")
        new = form.record
        self.assertEqual(new.buying_role_ids, known.buying_role_ids)
        self.assertEqual(new.criterion_ids.mapped("weight"), [70])
        self.assertEqual((new.attitude, new.coverage), (False, "none"))
        known.criterion_ids.weight = 50
        self.assertEqual(new.criterion_ids.weight, 70)

    def test_nothing_is_offered_of_deals_that_the_user_may_not_see(self):
        secret = self._deal(name="A colleague's", user_id=self.colleague.id)
        known = self._person("Chen", secret, influence="4")
        model = self.env["kams.stakeholder"].with_user(self.salesperson)
        with Form(model.with_context(default_lead_id=self.deal.id)) as form:
            form.partner_id = known.partner_id
            self.assertFalse(form.influence)
            self.assertFalse(form.earlier_hint)

    def test_a_second_economic_buyer_is_not_offered(self):
        known = self._person("Chen", self._deal(name="Before"), mh_role="eb", influence="4")
        self._person("Li", mh_role="eb")
        with Form(self.env["kams.stakeholder"].with_context(default_lead_id=self.deal.id)) as form:
            form.partner_id = known.partner_id
            self.assertEqual((form.mh_role, form.influence), (False, "4"))


@tagged("post_install", "-at_install")
class TestStakeholderSurvival(ChainCase):
    """Contacts and deals that are merged or deleted under a chain."""

    # CONTACTS
    def _merge_contacts(self, gone, stays):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((gone | stays).ids, stays)

    def test_a_contact_of_a_chain_is_not_deleted(self):
        person = self._person("Chen")
        self._person("", self._deal(name="A colleague's", user_id=self.colleague.id), partner=person.partner_id)
        user = self.salesperson
        user.group_ids |= self.env.ref("base.group_partner_manager")
        with self.assertRaisesRegex(
            UserError, "Chen stands in the decision chain of “Boiler retrofit”, 1 more. Archive"
        ):
            person.partner_id.with_user(user).unlink()
        person.partner_id.action_archive()
        self.assertEqual(self.deal.kams_stakeholder_ids.partner_id, person.partner_id)
        contact = person.partner_id
        self.env["kams.stakeholder"].search([("partner_id", "=", contact.id)]).unlink()
        contact.unlink()

    def test_two_entries_of_a_merged_contact_become_one_and_nothing_is_lost(self):
        chief = self._person("Chen", mh_role="ub", attitude="1", strategy="Visit", coverage="brief", roles=["user"])
        twin = self._person(
            "Chen W.",
            mh_role="eb",
            attitude="-1",
            influence="5",
            strategy="Call",
            coverage="multiple",
            roles=["approver"],
            red_flag="Leaves soon",
        )
        for person, criteria in ((chief, ("Price",)), (twin, ("Price", "Service"))):
            person.criterion_ids = [Command.create({"criterion": name}) for name in criteria]
        top, below = self._person("Top"), self._person("Below")
        twin.reports_to_id, below.reports_to_id = top, twin
        step = self.env["kams.decision.step"].create(
            {"lead_id": self.deal.id, "name": "Award", "stakeholder_id": twin.id}
        )
        twin.message_post(body="He asked for references")
        self._merge_contacts(twin.partner_id, chief.partner_id)
        self.env.invalidate_all()
        self.assertFalse(twin.exists())
        self.assertEqual((chief.mh_role, chief.attitude, chief.influence), ("eb", "1", "5"))
        self.assertEqual((chief.coverage, chief.strategy, chief.red_flag), ("multiple", "Visit\nCall", "Leaves soon"))
        self.assertEqual(set(chief.buying_role_ids.mapped("code")), {"user", "approver"})
        self.assertEqual(sorted(chief.criterion_ids.mapped("criterion")), ["Price", "Service"])
        self.assertEqual((chief.reports_to_id, below.reports_to_id, step.stakeholder_id), (top, chief, chief))
        bodies = " ".join(chief.message_ids.mapped("body"))
        self.assertIn("He asked for references", bodies)
        self.assertIn("Attitude: Sceptical", bodies)

    def test_a_contact_that_stood_above_itself_reports_to_nobody_of_its_own(self):
        a, x, b = self._person("A"), self._person("X"), self._person("B")
        x.reports_to_id, b.reports_to_id = a, x
        self._merge_contacts(b.partner_id, a.partner_id)
        self.env.invalidate_all()
        self.assertEqual(self.deal.kams_stakeholder_ids, a | x)
        self.assertEqual(bool(a.reports_to_id), not x.reports_to_id)

    def test_contacts_of_different_deals_merge_without_touching_each_other(self):
        one, other = self._person("Chen", attitude="1"), self._person("Chen W.", self._deal(name="Another"))
        self._merge_contacts(other.partner_id, one.partner_id)
        self.env.invalidate_all()
        self.assertEqual(other.partner_id, one.partner_id)
        self.assertFalse(other.attitude)

    # DEALS
    def test_merged_deals_have_one_chain_and_one_economic_buyer(self):
        other = self._deal(name="Same again", partner_id=self.customer.id)
        chief = self._person("Chen", mh_role="eb")
        shared = self._person("Li", attitude="1")
        self._person("Wang", other, mh_role="eb")
        twin = self._person("", other, partner=shared.partner_id, influence="3", attitude="-2")
        engineer = self._person("Wu", other, reports_to_id=twin.id)
        step = self.env["kams.decision.step"].create({"lead_id": other.id, "name": "Award", "stakeholder_id": twin.id})
        self._settle()
        kept = (self.deal | other).merge_opportunity()
        self.env.invalidate_all()
        lost_chief = kept.kams_stakeholder_ids.filtered(lambda person: person.partner_id.name == "Wang")
        self.assertEqual(sorted(kept.kams_stakeholder_ids.mapped("display_name")), ["Chen", "Li", "Wang", "Wu"])
        buyers = kept.kams_stakeholder_ids.filtered(lambda person: person.mh_role == "eb")
        self.assertEqual(len(buyers), 1)
        li = kept.kams_stakeholder_ids.filtered(lambda person: person.display_name == "Li")
        self.assertEqual((li.attitude, li.influence), ("1" if kept == self.deal else "-2", "3"))
        self.assertEqual((engineer.reports_to_id, step.stakeholder_id, step.lead_id), (li, li, kept))
        if kept == self.deal:
            self.assertEqual(buyers, chief)
            self.assertIn("Was the economic buyer of Same again", " ".join(lost_chief.message_ids.mapped("body")))

    def test_a_plain_deal_that_takes_over_a_chain_comes_under_its_process(self):
        person = self._person("Chen")
        team = self.env["crm.team"].create({"name": "Plain"})
        plain = self._deal(name="Plain", team_id=team.id, probability=90, stage_id=self.deal.stage_id.id)
        self._settle()
        kept = (plain | self.deal).merge_opportunity(team_id=self.team.id)
        self._settle()
        self.assertEqual(kept, plain)
        self.assertEqual((kept.kams_process_id, kept.kams_stakeholder_ids), (self.process, person))

    def test_three_deals_with_the_same_contact_merge(self):
        contact = self._contact("Chen")
        deals = self.deal | self._deal(name="B") | self._deal(name="C")
        for number, deal in enumerate(deals):
            self._person("", deal, partner=contact, mh_role="eb" if number else False, influence=str(number + 1))
        self._settle()
        kept = deals.merge_opportunity()
        self.env.flush_all()
        self.assertEqual(len(kept.kams_stakeholder_ids), 1)
        self.assertEqual(kept.kams_stakeholder_ids.mh_role, "eb")

    def test_a_deal_deleted_takes_its_chain_along_and_a_changed_company_too(self):
        person = self._person("Chen")
        criterion = self.env["kams.stakeholder.criterion"].create({"stakeholder_id": person.id, "criterion": "Price"})
        self.assertEqual(criterion.lead_id, self.deal)
        self.deal.unlink()
        self.assertFalse(person.exists() or criterion.exists())
