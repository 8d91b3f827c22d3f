from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import KamsCase

ODD = "<b>مرحبا</b> 🚀 " + "很长" * 5000  # HTML, right to left, an emoji, 10,000 characters
START = date(2030, 3, 4)
FILE = {"name": "plan.pdf", "raw": b"signed"}


class DeliveryCase(KamsCase):
    """A salesperson's deal with a contract and a handover, and a project manager without sales rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager_of_project = new_test_user(
            cls.env,
            login="kams_pm",
            groups="base.group_user,kams_sales.group_delivery,project.group_project_user",
            name="Pia Manager",
        )
        cls.fitter = cls._person("kams_fitter", "kams_sales.group_delivery,project.group_project_user")
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.engineer = cls.env["res.partner"].create({"name": "Zhang Wei", "parent_id": cls.customer.id})
        cls.contract = cls.env["kams.contract"].create(
            {"lead_id": cls.deal.id, "name": "Retrofit", "date_start": START, "warranty_months": 12}
        )
        cls.handover = cls.env["kams.handover"].create(
            {
                "lead_id": cls.deal.id,
                "delivery_user_id": cls.manager_of_project.id,
                "user_id": cls.salesperson.id,
                "line_ids": [
                    Command.create(
                        {
                            "section": "promise",
                            "name": "Train six people",
                            "date_due": START + timedelta(days=20),
                            "user_id": cls.salesperson.id,
                        }
                    ),
                    Command.create({"section": "promise", "name": ODD, "user_id": cls.fitter.id}),
                    Command.create({"section": "promise", "name": "No more", "left_out": True, "note": "Done"}),
                    Command.create({"section": "scope", "name": "Two boilers"}),
                ],
            }
        )
        cls.installing = cls.env["project.role"].create({"name": "Installing"})
        cls.template = cls.env["kams.delivery.template"].create(
            {
                "name": "Short",
                "phase_ids": [
                    Command.create(
                        {
                            "name": "Arrival",
                            "weight": 40,
                            "offset": 0,
                            "duration": 10,
                            "acceptance_kind": "arrival",
                            "task_ids": [Command.create({"name": "Unload", "hours": 8})],
                        }
                    ),
                    Command.create(
                        {
                            "name": "Installation",
                            "sequence": 20,
                            "weight": 60,
                            "offset": 10,
                            "duration": 21,
                            "acceptance_kind": "final",
                            "task_ids": [
                                Command.create({"name": "Wire", "hours": 30, "role_id": cls.installing.id}),
                                Command.create({"name": "Try", "description": "<b>all</b>", "hours": 5}),
                            ],
                        }
                    ),
                ],
            }
        )

    @classmethod
    def _make(cls, user=None, roles=None, **vals):
        """The delivery that the wizard makes."""
        vals = {"lead_id": cls.deal.id, "contract_id": cls.contract.id, "template_id": cls.template.id, **vals}
        wizard = cls.env["kams.delivery.make"].with_user(user or cls.manager_of_project).create(vals)
        wizard.role_ids = [
            Command.create({"role_key": role.id, "name": role.name, "user_id": person.id})
            for role, person in (roles or {}).items()
        ]
        action = wizard.action_make()
        return cls.env["kams.delivery"].with_user(user or cls.manager_of_project).browse(action["res_id"])

    def _file(self, **vals):
        return self.env["ir.attachment"].with_user(self.manager_of_project).create({**FILE, **vals})

    def _confirmed(self, delivery):
        delivery.write(
            {
                "plan_confirmed_by_id": self.engineer.id,
                "plan_confirmed_at": fields.Date.today(),
                "plan_file_ids": [Command.set(self._file().ids)],
            }
        )
        delivery.action_confirm_plan()
        return delivery


@tagged("post_install", "-at_install")
class TestDeliveryMake(DeliveryCase):
    """From the contract to the project in one step."""

    def test_one_step_makes_project_roles_phases_tasks_and_promises(self):
        delivery = self._make(roles={self.installing: self.fitter}, customer_manager_id=self.engineer.id)
        project = delivery.project_id
        self.assertEqual(delivery.user_id, self.manager_of_project, "who took the handover over")
        self.assertEqual(
            (project.name, project.user_id, project.partner_id), ("Retrofit", delivery.user_id, self.customer)
        )
        self.assertTrue(project.allow_milestones and project.account_id)
        self.assertEqual(
            delivery.phase_ids.mapped(lambda one: (one.name, one.weight, one.baseline_start, one.baseline_end)),
            [
                ("Arrival", 40, START, START + timedelta(days=9)),
                ("Installation", 60, START + timedelta(days=10), START + timedelta(days=30)),
            ],
        )
        self.assertEqual(delivery.date_end, START + timedelta(days=30))
        milestones = delivery.phase_ids.milestone_id
        self.assertEqual(milestones.mapped("name"), ["Arrival", "Installation"])
        self.assertEqual(milestones.mapped("deadline"), delivery.phase_ids.mapped("baseline_end"))
        tasks = {task.name: task for task in project.task_ids}
        self.assertEqual(len(project.task_ids), len(tasks), "each once")
        self.assertEqual(tasks["Wire"].user_ids, self.fitter)
        self.assertEqual(tasks["Wire"].allocated_hours, 30)
        self.assertEqual(tasks["Wire"].milestone_id, milestones[1])
        self.assertEqual(tasks["Unload"].milestone_id, milestones[0])
        self.assertFalse(tasks["Unload"].user_ids)
        self.assertIn("&lt;b&gt;all", tasks["Try"].description)
        people = delivery.role_ids.mapped(lambda role: (role.side, role.name, role.person))
        self.assertEqual(
            people,
            [
                ("us", "Project Manager", "Pia Manager"),
                ("us", "Installing", "kams_fitter"),
                ("customer", "Project Manager", "Zhang Wei"),
            ],
        )

    def test_promises_become_tasks_of_who_keeps_them_once(self):
        delivery = self._make(roles={self.installing: self.fitter})
        lines = self.handover.line_ids.filtered("task_id")
        self.assertEqual(len(lines), 2, "not what was left out, nor the scope")
        train, odd = lines.sorted(lambda line: line.name != "Train six people").task_id
        self.assertEqual(train.user_ids, self.manager_of_project, "sales knows of it, and doesn't deliver it")
        self.assertIn("kams_sales_user", train.description)
        self.assertEqual(train.date_deadline.date(), START + timedelta(days=20))
        self.assertEqual(train.milestone_id.name, "Installation")
        self.assertEqual(odd.user_ids, self.fitter, "who is in the project")
        self.assertIn("&lt;b&gt;مرحبا", odd.description)
        self.assertFalse(delivery._take_promises())
        train.unlink()
        delivery.action_take_promises()
        self.assertEqual(
            delivery.project_id.task_ids.filtered(lambda task: "six" in task.name).user_ids, delivery.user_id
        )

    def test_payments_are_expected_with_the_phase_that_they_hang_on(self):
        payments = self.env["kams.payment.milestone"].create(
            [
                {"contract_id": self.contract.id, "kind": "final", "trigger": "final", "pct": 60},
                {
                    "contract_id": self.contract.id,
                    "kind": "arrival",
                    "trigger": "arrival",
                    "pct": 40,
                    "trigger_planned": "2030-03-05",
                },
            ]
        )
        self._make()
        self.assertEqual(payments[0].trigger_planned, START + timedelta(days=30))
        self.assertEqual(payments[1].trigger_planned, date(2030, 3, 5), "what was typed stays")

    def test_the_wizard_asks_who_has_the_roles(self):
        form = Form(
            self.env["kams.delivery.make"].with_context(
                default_lead_id=self.deal.id, default_contract_id=self.contract.id
            )
        )
        form.template_id = self.template
        self.assertEqual([row["name"] for row in form.role_ids._records], ["Installing"])
        with form.role_ids.edit(0) as row:
            row.user_id = self.fitter
        delivery = self.env["kams.delivery"].browse(form.save().action_make()["res_id"])
        self.assertEqual(delivery.project_id.task_ids.filtered(lambda task: task.name == "Wire").user_ids, self.fitter)
        self.assertEqual(delivery.handover_id, self.handover)

    def test_a_contract_with_no_goods_only_services(self):
        delivery = self._make(template_id=self.env.ref("kams_sales.delivery_template_services").id)
        self.assertEqual(sum(delivery.phase_ids.mapped("weight")), 100)
        self.assertTrue(delivery.project_id.task_ids)

    def test_a_service_that_made_its_project_on_confirmation_is_taken(self):
        service = self.env["product.product"].create(
            {"name": "Study", "type": "service", "service_tracking": "project_only"}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "opportunity_id": self.deal.id,
                "order_line": [Command.create({"product_id": service.id})],
            }
        )
        order.action_confirm()
        made = order.project_ids
        self.assertEqual(len(made), 1)
        self.contract.order_id = order
        first = self._make()
        self.assertEqual(first.project_id, made)
        second = self._make(name="Second site")
        self.assertNotEqual(second.project_id, made, "a project belongs to one delivery")
        self.assertEqual(second.project_id.sudo().reinvoiced_sale_order_id, order)

    def test_two_projects_for_one_contract(self):
        first, second = self._make(name="Boiler 1"), self._make(name="Boiler 2")
        self.assertEqual(len((first | second).project_id), 2)
        self.assertEqual(self.contract.delivery_count, 2)
        self.assertEqual(self.contract.action_deliveries()["domain"], [("contract_id", "=", self.contract.id)])
        promises = self.handover.line_ids.task_id.project_id
        self.assertEqual(promises, first.project_id, "a promise is kept once")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            second.project_id = first.project_id
            second.flush_recordset()

    def test_an_existing_project_is_linked(self):
        project = self.env["project.project"].create({"name": "Runs already", "allow_milestones": True})
        milestone = self.env["project.milestone"].create(
            [
                {"name": " arrival", "project_id": project.id, "deadline": "2030-05-05"},
                {"name": "Paint", "project_id": project.id, "deadline": "2030-06-06"},
            ]
        )
        delivery = self._make(how="link", project_id=project.id)
        self.assertEqual(delivery.project_id, project)
        self.assertEqual(project.user_id, self.env.user, "what the project says itself stays")
        by_name = {phase.name: phase for phase in delivery.phase_ids}
        self.assertEqual(list(by_name), ["Arrival", "Installation", "Paint"])
        self.assertEqual(by_name["Arrival"].milestone_id, milestone[0])
        self.assertEqual(milestone[0].deadline, date(2030, 5, 5))
        self.assertEqual(by_name["Paint"].baseline_end, date(2030, 6, 6))
        wizard = self.env["kams.delivery.make"].create({"lead_id": self.deal.id})
        self.assertIn(project, wizard.taken_ids)
        with self.assertRaisesRegex(ValidationError, "belongs to another delivery"):
            self._make(how="link", project_id=project.id)
        with self.assertRaisesRegex(UserError, "Choose the project"):
            self._make(how="link")

    def test_odoos_project_template_with_its_roles(self):
        odoos = self.env["project.project"].create({"name": "Ours", "allow_milestones": True, "is_template": True})
        self.env["project.milestone"].create({"name": "Installation", "project_id": odoos.id})
        self.env["project.task"].create(
            {"name": "Bolt", "project_id": odoos.id, "role_ids": [Command.link(self.installing.id)]}
        )
        delivery = self._make(how="template", project_template_id=odoos.id, roles={self.installing: self.fitter})
        project = delivery.project_id
        self.assertFalse(project.is_template)
        self.assertEqual(project.name, "Retrofit")
        self.assertEqual(project.task_ids.filtered(lambda task: task.name == "Bolt").user_ids, self.fitter)
        self.assertEqual(sorted(delivery.phase_ids.milestone_id.mapped("name")), ["Arrival", "Installation"])
        self.assertEqual(delivery.phase_ids.milestone_id, project.milestone_ids)

    def test_the_shipped_templates_tasks_of_the_manager_are_theirs(self):
        context = {"default_contract_id": self.contract.id, "default_lead_id": self.deal.id}
        form = Form(self.env["kams.delivery.make"].with_context(**context))
        form.template_id = self.env.ref("kams_sales.delivery_template_equipment")
        self.assertNotIn("Project Manager", [row["name"] for row in form.role_ids._records])
        delivery = self.env["kams.delivery"].browse(form.save().action_make()["res_id"])
        managers = delivery.role_ids.filtered(lambda role: role.name == "Project Manager")
        self.assertEqual(managers.user_id, self.manager_of_project)
        self.assertEqual(len(managers), 1)
        kickoff = delivery.project_id.task_ids.filtered(lambda task: "Kick-off meeting" in task.name)
        self.assertEqual(kickoff.user_ids, self.manager_of_project)
        self.assertEqual(delivery.promise_ids.mapped("task_state"), ["01_in_progress"] * 2)

    def test_a_delivery_without_contract_template_or_handover(self):
        deal = self._deal(partner_id=self.customer.id)
        delivery = self._make(
            lead_id=deal.id, contract_id=False, template_id=False, name="Bare", user_id=self.fitter.id, date_start=START
        )
        self.assertEqual(
            (delivery.phase_ids, delivery.handover_id), (delivery.phase_ids.browse(), self.handover.browse())
        )
        self.assertEqual(delivery.project_id.name, "Bare")

    def test_the_contract_opens_the_wizard_for_who_may_make_a_delivery(self):
        action = self.contract.with_user(self.manager_of_project).action_make_delivery()
        self.assertEqual(action["context"]["default_contract_id"], self.contract.id)
        with self.assertRaises(AccessError):
            self.contract.with_user(self.auditor).action_make_delivery()

    def test_a_task_costs_no_more_statements_than_in_odoos_own_copy(self):
        phase = self.template.phase_ids[0]

        def statements(number):
            phase.task_ids = [Command.clear()] + [Command.create({"name": f"Task {n}"}) for n in range(number)]
            counts = []
            delivery = self._make(promises=False)
            project = delivery.project_id.sudo()
            for call in (lambda: self._make(promises=False), lambda: project.copy()):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                call()
                self.env.flush_all()
                counts.append(self.cr.sql_log_count - before)
            return counts

        few, many = statements(5), statements(45)
        ours, odoos = (more - less for less, more in zip(few, many, strict=True))
        self.assertLessEqual(ours, odoos)


@tagged("post_install", "-at_install")
class TestDeliveryLife(DeliveryCase):
    """Started, cancelled, planned again; its project gone; who may see what."""

    def test_it_starts_with_a_project_manager_by_its_button(self):
        delivery = self._make()
        delivery.user_id = False
        with self.assertRaisesRegex(UserError, "no project manager"):
            delivery.action_start()
        with self.assertRaisesRegex(UserError, "buttons"):
            delivery.state = "running"
        with self.assertRaises(UserError):
            self.env["kams.delivery"].create({"lead_id": self.deal.id, "state": "running"})
        delivery.user_id = self.fitter
        delivery.action_start()
        self.assertEqual(delivery.state, "running")

    def test_another_project_manager_takes_role_and_project_over(self):
        delivery = self._make()
        delivery.user_id = self.fitter
        self.assertEqual(delivery.project_id.user_id, self.fitter)
        self.assertEqual(delivery.role_ids.user_id, self.fitter)
        delivery.project_id.sudo().user_id = self.env.user
        delivery.user_id = self.manager_of_project
        self.assertEqual(delivery.project_id.user_id, self.env.user, "whom somebody else put in charge")

    def test_what_has_begun_is_cancelled_not_deleted(self):
        delivery = self._make()
        delivery.action_start()
        with self.assertRaisesRegex(UserError, "Cancel it instead"):
            delivery.unlink()
        delivery.action_back_to_plan()
        self._confirmed(delivery)
        with self.assertRaisesRegex(UserError, "Cancel it instead"):
            delivery.unlink()
        project = self._make(name="Never begun").project_id
        self.env["kams.delivery"].search([("project_id", "=", project.id)]).unlink()
        self.assertTrue(project.exists(), "the project is Odoo's")

    def test_a_project_of_another_company_is_refused(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        self.deal.company_id = self.env.company
        project = self.env["project.project"].create({"name": "There", "company_id": there.id})
        with self.assertRaisesRegex(ValidationError, "Elsewhere"):
            self._make(user=self.env.user, how="link", project_id=project.id)

    def test_a_private_project_template_is_not_copied_by_who_cannot_read_it(self):
        private = self.env["project.project"].create(
            {"name": "Secret", "is_template": True, "privacy_visibility": "followers"}
        )
        with self.assertRaises(AccessError):
            self._make(how="template", project_template_id=private.id)

    def test_cancelling_needs_a_reason_and_stays_in_the_chatter(self):
        delivery = self._make()
        action = delivery.action_cancel()
        wizard = self.env["kams.delivery.note"].with_user(self.fitter).with_context(**action["context"])
        with self.assertRaisesRegex(UserError, "Say why"):
            wizard.create({"reason": "  "}).action_confirm()
        wizard.create({"reason": "They went bankrupt"}).action_confirm()
        self.assertEqual((delivery.state, delivery.is_live), ("cancelled", False))
        self.assertIn("bankrupt", "".join(delivery.message_ids.mapped("body")))
        with self.assertRaises(UserError):
            delivery.action_plan_kickoff()
        delivery.action_back_to_plan()
        self.assertTrue(delivery.is_live)

    def test_a_project_archived_or_deleted(self):
        delivery = self._make()
        project, phases = delivery.project_id, delivery.phase_ids
        self.assertEqual(delivery.project_state, "active")
        project.sudo().action_archive()
        self.assertEqual(delivery.project_state, "archived")
        delivery.action_start()
        project.sudo().with_context(active_test=False).task_ids.unlink()
        project.sudo().unlink()
        self.env.invalidate_all()
        self.assertEqual((delivery.project_state, delivery.project_id), ("none", project.browse()))
        self.assertEqual((delivery.state, delivery.phase_ids), ("running", phases))
        self.assertFalse(delivery.action_open_project())
        action = delivery.action_make_project()
        wizard = self.env["kams.delivery.make"].with_user(self.manager_of_project).with_context(**action["context"])
        wizard = wizard.create({})
        self.assertFalse(wizard.template_id, "its phases are planned already")
        wizard.action_make()
        self.assertEqual(delivery.phase_ids, phases)
        self.assertEqual(delivery.phase_ids.milestone_id.project_id, delivery.project_id)
        self.assertEqual(len(delivery.role_ids.filtered(lambda role: role.name == "Project Manager")), 1)
        self.assertEqual(len(self.handover.line_ids.task_id), 2, "promises are tasks again")
        with self.assertRaisesRegex(UserError, "its project already"):
            wizard.action_make()

    def test_it_stays_with_its_deal_and_goes_along_into_a_merge(self):
        delivery = self._make()
        other = self._deal(partner_id=self.customer.id)
        with self.assertRaisesRegex(UserError, "stays with its deal"):
            delivery.lead_id = other
        with self.assertRaises(ValidationError):
            self.env["kams.delivery"].create({"lead_id": other.id, "contract_id": self.contract.id})
        (other | self.deal).sorted("id").merge_opportunity()
        survivor = (other | self.deal).exists()
        self.assertEqual(delivery.sudo().lead_id, survivor)
        self.assertEqual(delivery.sudo().contract_id.lead_id, survivor)

    def test_a_project_manager_without_sales_rights(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "opportunity_id": self.deal.id,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        order.action_confirm()
        self.contract.order_id = order
        self.env["kams.negotiation"].create({"lead_id": self.deal.id, "name": "Talks"})
        delivery = self._confirmed(self._make(roles={self.installing: self.fitter}))
        delivery.action_start()
        with Form(delivery) as form:  # all that the form shows, they may read
            form.date_end = "2031-01-01"
        self.assertTrue(delivery.action_open_project())
        delivery.project_id.task_ids[0].write({"state": "1_done"})
        for model in ("sale.order", "kams.money", "kams.deal.money", "kams.negotiation", "kams.negotiation.issue"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.manager_of_project).search([]).read()
        self.assertFalse(
            set(self.env["kams.delivery"].with_user(self.manager_of_project).fields_get())
            & {"margin", "revenue", "price_change"}
        )

    def test_a_portal_user_of_the_customer_sees_nothing(self):
        delivery = self._make()
        portal = new_test_user(self.env, login="portal_of_customer", groups="base.group_portal")
        portal.partner_id.parent_id = self.customer
        delivery.sudo().project_id.message_subscribe(portal.partner_id.ids)
        for model in ("kams.delivery", "kams.delivery.role", "kams.delivery.template", "kams.delivery.make"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(portal).search([])
        self.assertNotIn("kams_delivery_id", self.env["project.project"].with_user(portal).fields_get())

    def test_an_auditor_reads_and_changes_nothing(self):
        delivery = self._make().with_user(self.auditor)
        self.assertTrue(delivery.read(["name", "project_state", "kickoff_state"]))
        for method in ("action_start", "action_cancel", "action_reopen_plan", "action_make_project"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(delivery, method)()
        with self.assertRaises(AccessError):
            delivery.role_ids[:1].duty = "x"

    def test_a_plain_project_knows_nothing_of_it(self):
        plain = self.env["project.project"].create({"name": "Plain"})
        delivery = self._make()
        self.assertFalse(plain.kams_delivery_id)
        self.assertEqual(delivery.project_id.with_user(self.fitter).kams_delivery_id.id, delivery.id)
        self.assertEqual(delivery.project_id.action_kams_delivery()["res_id"], delivery.id)
        self.assertFalse(plain.action_kams_delivery())
        stored = [
            name
            for model in ("project.project", "project.task", "project.milestone")
            for name, field in self.env[model]._fields.items()
            if name.startswith("kams_") and field.store
        ]
        self.assertFalse(stored)

    def test_roles_share_and_side(self):
        delivery = self._make()
        with self.assertRaises(ValidationError):
            delivery.role_ids = [Command.create({"name": "All day", "share": 101})]
        with self.assertRaisesRegex(ValidationError, "isn't on our side"):
            delivery.role_ids = [Command.create({"name": "Theirs", "side": "customer", "user_id": self.fitter.id})]
        delivery.role_ids = [Command.create({"name": ODD, "side": "other", "duty": ODD, "share": 0})]
        odd = delivery.role_ids.filtered(lambda role: role.side == "other")
        self.assertEqual((odd.share, delivery.role_ids[0].share), (0, False), "nothing isn't naught")


@tagged("post_install", "-at_install")
class TestDeliveryPlan(DeliveryCase):
    """The customer confirms the plan with a signed file."""

    def test_one_message_says_all_that_is_missing(self):
        delivery = self._make(template_id=False)
        with self.assertRaises(UserError) as caught:
            delivery.action_confirm_plan()
        for words in ("signature is missing", "Who of the customer", "The day on which", "no phases"):
            self.assertIn(words, str(caught.exception))
        delivery.plan_confirmed_at = fields.Date.today() + timedelta(days=1)
        with self.assertRaisesRegex(UserError, "still to come"):
            delivery.action_confirm_plan()

    def test_what_was_confirmed_is_fixed_on_every_way(self):
        delivery = self._confirmed(self._make())
        file = delivery.plan_file_ids
        self.assertEqual(delivery.plan_state, "confirmed")
        self.assertIn("plan.pdf", delivery.plan_hash)
        for vals in (
            {"plan_confirmed_at": "2020-01-01"},
            {"plan_confirmed_by_id": False},
            {"plan_file_ids": [Command.clear()]},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "stays as the customer confirmed"):
                delivery.write(vals)
        with self.assertRaisesRegex(UserError, "by hand"):
            delivery.plan_state = "open"
        with self.assertRaises(UserError):
            file.with_user(self.manager_of_project).raw = b"other"
        with self.assertRaises(UserError):
            file.with_user(self.manager_of_project).unlink()
        made = self.env["kams.delivery"].create({"lead_id": self.deal.id, "plan_state": "confirmed", "plan_hash": "x"})
        self.assertEqual((made.plan_state, made.plan_hash), ("open", False))

    def test_reopening_says_why(self):
        delivery = self._confirmed(self._make())
        action = delivery.action_reopen_plan()
        wizard = self.env["kams.delivery.note"].with_user(self.fitter).with_context(**action["context"])
        wizard.create({"reason": "The hall is not ready"}).action_confirm()
        self.assertEqual((delivery.plan_state, delivery.plan_hash), ("open", False))
        told = "".join(delivery.message_ids.mapped("body"))
        self.assertIn("hall is not ready", told)
        self.assertIn("Zhang Wei", told)
        with self.assertRaisesRegex(UserError, "isn't confirmed"):
            delivery._reopen_plan("Again")
        self._confirmed(delivery)


@tagged("post_install", "-at_install")
class TestDeliveryKickoff(DeliveryCase):
    """The kick-off is a meeting; its minutes say that it was held."""

    def _kickoff(self, delivery, user=None, **vals):
        action = delivery.action_plan_kickoff()
        events = self.env["calendar.event"].with_user(user or self.manager_of_project)
        start = fields.Datetime.now() - timedelta(hours=3)
        return events.with_context(**action["context"]).create(
            {"start": start, "stop": start + timedelta(hours=1), **vals}
        )

    def test_planned_then_held_by_a_project_manager_without_sales_rights(self):
        delivery = self._make(customer_manager_id=self.engineer.id)
        self.assertEqual((delivery.kickoff_state, delivery.kickoff_at), ("none", False))
        event = self._kickoff(delivery)
        self.assertEqual(delivery.kickoff_event_id, event)
        self.assertEqual((event.kams_kind, event.kams_delivery_id), ("coordination", delivery))
        self.assertLessEqual(self.engineer | self.manager_of_project.partner_id, event.partner_ids)
        self.assertEqual(delivery.kickoff_state, "planned")
        with self.assertRaisesRegex(UserError, "still lacks"):
            event.action_kams_submit()
        event.kams_minutes = ODD
        event.action_kams_submit()
        self.assertEqual((delivery.kickoff_state, delivery.kickoff_at), ("held", event._kams_day()))
        self.assertEqual(delivery.action_plan_kickoff()["res_id"], event.id)
        event.with_user(self.director).action_kams_reopen()
        self.assertEqual(delivery.kickoff_state, "planned")

    def test_it_follows_its_meeting(self):
        delivery = self._make()
        event = self._kickoff(delivery)
        event.action_archive()
        self.assertEqual(delivery.kickoff_state, "none")
        event.action_unarchive()
        self.assertEqual(delivery.kickoff_state, "planned")
        other = self._make(name="Other")
        event.kams_delivery_id = other
        self.assertEqual(delivery.kickoff_state, "none", "it is the other's meeting now")
        event.kams_delivery_id = delivery
        self.assertEqual(delivery.kickoff_state, "planned")
        event.unlink()
        self.assertEqual((delivery.kickoff_state, delivery.kickoff_event_id.id), ("none", False))

    def test_only_a_coordination_meeting_of_the_delivery(self):
        delivery, other = self._make(), self._make(name="Other")
        event = self._kickoff(other)
        with self.assertRaisesRegex(ValidationError, "no coordination meeting"):
            delivery.kickoff_event_id = event

    def test_a_colleague_of_sales_cannot_write_anothers_meeting(self):
        event = self._kickoff(self._make())
        with self.assertRaises(AccessError):
            event.with_user(self.colleague).kams_minutes = "x"

    def test_a_plain_meeting_asks_nothing_more(self):
        start = fields.Datetime.now()
        plain = self.env["calendar.event"].create({"name": "Lunch", "start": start, "stop": start})
        self.env.flush_all()
        plain.kams_delivery_id  # noqa: B018 kept at hand, as the others are
        with self.assertQueryCount(0):
            plain._kams_tell_kickoff()


@tagged("post_install", "-at_install")
class TestDeliveryPaper(DeliveryCase):
    """The project organisation on paper, for the customer to sign."""

    def _paper(self, delivery):
        reports = self.env["ir.actions.report"].with_user(self.manager_of_project)
        return reports._render_qweb_html("kams_sales.report_delivery", delivery.ids)[0].decode()

    def test_people_phases_and_room_to_sign(self):
        delivery = self._make(roles={self.installing: self.fitter}, customer_manager_id=self.engineer.id)
        delivery.role_ids = [
            Command.create(
                {
                    "name": "Sponsor",
                    "side": "customer",
                    "partner_id": self.engineer.id,
                    "is_steering": True,
                    "duty": ODD,
                }
            ),
            Command.create({"name": "Nobody yet"}),
        ]
        paper = self._paper(delivery)
        for words in ("Steering Committee", "Sponsor", "Nobody yet", "Installing", "Arrival", "Zhang Wei", "Signature"):
            self.assertIn(words, paper)
        self.assertIn("&lt;b&gt;مرحبا", paper)
        self.assertNotIn("Confidential", paper)
        self.assertIn("plan.pdf", self._paper(self._confirmed(delivery)))

    def test_a_bare_delivery_prints_as_well(self):
        self.assertIn("Boiler retrofit", self._paper(self.env["kams.delivery"].create({"lead_id": self.deal.id})))
