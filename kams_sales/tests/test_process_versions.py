from contextlib import contextmanager

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_gate_routes import GateCase


class ProcessCase(GateCase):
    """Processes to design and to spoil."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.point = cls.process.point_ids.filtered(lambda point: point.code == "S1-O1")

    def _design(self):
        """Everything that a process says, of all processes."""
        self.env.invalidate_all()
        models = {
            "kams.process": ["name", "version", "state", "origin_id", "effective_from", "effective_to", "team_ids"],
            "kams.process.phase": [
                "process_id",
                "sequence",
                "code",
                "name",
                "stage_id",
                "goal",
                "standard_days",
                "policy_probability",
                "stagnation_factor",
                "procurement_modes",
            ],
            "kams.control.point": [
                "phase_id",
                "code",
                "name",
                "level",
                "weight",
                "owner_role",
                "applicability",
                "rule_type",
                "evidence_model",
                "evidence_path",
                "evidence_domain",
                "minimum",
                "rule_key",
                "sequence",
                "evidence_hint",
            ],
            "kams.procurement.mode": ["name", "code"],
        }
        return {model: self.env[model].sudo().search([], order="id").read(names) for model, names in models.items()}

    @contextmanager
    def assertRefused(self, *words, error=UserError):
        """What happens inside is refused with these words, and no process is changed by it."""
        self.env.cr.flush()
        before = self._design()
        caught = None
        try:
            with self.cr.savepoint(), mute_logger("odoo.sql_db"):
                yield
                self.env.cr.flush()
        except error as exception:
            caught = exception
        self.assertTrue(caught, "It was let through.")
        self.assertEqual(self._design(), before)
        for word in words:
            self.assertIn(word, str(caught))

    def _new_version(self, process=None):
        action = (process or self.process).with_user(self.director).action_new_version()
        return self.env["kams.process"].browse(action["res_id"])

    def _draft(self, **vals):
        """A small process of two phases, on stages of its own."""
        stages = self.env["crm.stage"].create(
            [{"name": "Look", "sequence": 1}, {"name": "Buy", "sequence": 2, "is_won": True}]
        )
        return self.env["kams.process"].create(
            {
                "name": "Small sales",
                "phase_ids": [
                    Command.create({"code": "development", "name": "Look", "stage_id": stages[0].id, "sequence": 1}),
                    Command.create({"code": "delivery", "name": "Buy", "stage_id": stages[1].id, "sequence": 2}),
                ],
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestProcessVersions(ProcessCase):
    """Deals rely on the rules they started with: a change is a new version."""

    # WHAT SHIPS
    def test_the_shipped_process_has_the_policy_defaults_of_section_1_1(self):
        """S1 10%/45 d, S2 20%/30 d, S3 30%/45 d, S4 50%/40 d, S5 80%/25 d, S6 100% (method.md 1.1)."""
        self.assertEqual(
            [(phase.code, phase.policy_probability, phase.standard_days) for phase in self.process.phase_ids[:5]],
            [
                ("development", 10, 45),
                ("initiation", 20, 30),
                ("proposal", 30, 45),
                ("tendering", 50, 40),
                ("negotiation", 80, 25),
            ],
        )
        self.assertEqual(
            [(phase.code, phase.policy_probability, phase.stage_id.is_won) for phase in self.process.phase_ids[5:]],
            [("delivery", 100, True)],
        )
        self.assertEqual(set(self.process.phase_ids.mapped("stagnation_factor")), {1.5})
        self.assertEqual((self.process.state, self.team.kams_process_id), ("active", self.process))

    def test_each_shipped_phase_has_at_least_two_mandatory_points_with_a_hint(self):
        for phase in self.process.phase_ids:
            mandatory = phase.point_ids.filtered(lambda point: point.level == "mandatory")
            with self.subTest(phase=phase.code):
                self.assertGreaterEqual(len(mandatory), 2)
                self.assertTrue(all(point.evidence_hint for point in mandatory))

    def test_tendering_is_skipped_for_direct_and_single_source_only(self):
        """Method 0, fact 2: for direct and single_source, stage 4 is skipped and its points are N/A."""
        modes = self.env["kams.procurement.mode"].search([])
        self.assertEqual(
            set(modes.mapped("code")),
            {
                "tender_open",
                "tender_invited",
                "competitive_negotiation",
                "competitive_consultation",
                "single_source",
                "inquiry",
                "direct",
            },
        )
        skipped = set(modes.mapped("code")) - set(self.phases["tendering"].procurement_modes.mapped("code"))
        self.assertEqual(skipped, {"direct", "single_source"})

    # AN ACTIVE PROCESS
    def test_an_active_process_is_changed_by_nobody(self):
        phase, point = self.phases["development"], self.point
        for user in (self.director, self.env.ref("base.user_admin"), self.env.ref("base.user_root")):
            process = self.process.with_user(user)
            attempts = {
                "name": lambda: process.write({"name": "Renamed"}),  # noqa: B023
                "company": lambda: process.write({"company_id": self.env.company.id}),  # noqa: B023
                "version": lambda: process.write({"version": 9}),  # noqa: B023
                "phase": lambda: process.phase_ids[0].write({"standard_days": 1}),  # noqa: B023
                "phase over the process": lambda: process.write(  # noqa: B023
                    {"phase_ids": [Command.update(phase.id, {"goal": "another"})]}
                ),
                "new phase": lambda: process.write(  # noqa: B023
                    {
                        "phase_ids": [
                            Command.create(
                                {
                                    "code": "proposal",
                                    "name": "More",
                                    "stage_id": self.env["crm.stage"].create({"name": "More"}).id,
                                }
                            )
                        ]
                    }
                ),
                "phase away": lambda: process.write({"phase_ids": [Command.delete(phase.id)]}),  # noqa: B023
                "phase unlink": lambda: process.phase_ids[0].unlink(),  # noqa: B023
                "modes": lambda: process.phase_ids[3].write({"procurement_modes": [Command.clear()]}),  # noqa: B023
                "point": lambda: point.with_user(user).write({"level": "advisory"}),  # noqa: B023
                "point over the phase": lambda: process.phase_ids[0].write(  # noqa: B023
                    {"point_ids": [Command.update(point.id, {"minimum": 5})]}
                ),
                "new point": lambda: (
                    self.env["kams.control.point"]
                    .with_user(user)
                    .create(  # noqa: B023
                        {"phase_id": phase.id, "code": "NEW", "name": "New"}
                    )
                ),
                "copied point": lambda: point.with_user(user).copy({"code": "NEW"}),  # noqa: B023
                "point away": lambda: point.with_user(user).unlink(),  # noqa: B023
                "process away": lambda: process.unlink(),  # noqa: B023
            }
            for name, attempt in attempts.items():
                with self.subTest(user=user.login, attempt=name), self.assertRefused("Starter v1"):
                    attempt()

    def test_a_phase_or_point_does_not_move_into_or_out_of_an_active_process(self):
        draft = self._draft()
        point = self.env["kams.control.point"].create({"phase_id": draft.phase_ids[0].id, "code": "P", "name": "P"})
        with self.assertRefused():
            draft.phase_ids[0].process_id = self.process
        with self.assertRefused():
            self.phases["development"].process_id = draft
        with self.assertRefused():
            point.phase_id = self.phases["development"]
        with self.assertRefused():
            self.point.phase_id = draft.phase_ids[0]

    def test_a_retired_process_is_not_changed_either(self):
        self._new_version().action_activate()
        self.assertEqual(self.process.state, "retired")
        with self.assertRefused("Starter v1"):
            self.phases["development"].with_user(self.director).standard_days = 3
        with self.assertRefused("Starter v1"):
            self.process.unlink()

    def test_a_mode_that_masks_phases_in_force_stays_as_it_is(self):
        """To drop or rename a mode would change an active process behind its back."""
        mode = self.env["kams.procurement.mode"].search([("code", "=", "inquiry")])
        with self.assertRefused(mode.name):
            mode.with_user(self.director).unlink()
        with self.assertRefused(mode.name):
            mode.with_user(self.director).code = "enquiry"
        mode.with_user(self.director).name = "Inquiry by letter"
        spare = self.env["kams.procurement.mode"].with_user(self.director).create({"name": "Barter", "code": "barter"})
        spare.unlink()

    def test_a_mode_that_deals_use_stays(self):
        mode = self.env["kams.procurement.mode"].create({"name": "Barter", "code": "barter"})
        self._deal(kams_procurement_mode="barter")
        with self.assertRefused("Barter"):
            mode.unlink()

    def test_only_a_director_designs_processes(self):
        draft = self._draft()
        for user in (self.salesperson, self.manager, self.auditor, self.sales_admin):
            with self.subTest(user=user.login):
                for attempt in (
                    lambda: draft.with_user(user).write({"name": "Mine"}),  # noqa: B023
                    lambda: draft.phase_ids[0].with_user(user).write({"goal": "Mine"}),  # noqa: B023
                    lambda: draft.with_user(user).action_activate(),  # noqa: B023
                    lambda: self.process.with_user(user).action_retire(),  # noqa: B023
                    lambda: self.process.with_user(user).action_new_version(),  # noqa: B023
                    lambda: self.team.with_user(user).write({"kams_process_id": False}),  # noqa: B023
                ):
                    with self.assertRefused(error=AccessError):
                        attempt()

    def test_only_a_director_binds_a_new_team(self):
        for values, context in (
            ({"kams_process_id": self.process.id}, {}),
            ({}, {"default_kams_process_id": self.process.id}),
        ):
            with self.subTest(context=context), self.assertRefused(error=AccessError):
                self.env["crm.team"].with_user(self.sales_admin).with_context(**context).create(
                    {"name": "Pirates", **values}
                )

    # NEW VERSIONS
    def test_a_new_version_copies_everything(self):
        draft = self._new_version()
        self.assertEqual(
            (draft.name, draft.version, draft.state, draft.origin_id), (self.process.name, 2, "draft", self.process)
        )
        self.assertFalse(draft.team_ids)

        def phases(process):
            return [
                (
                    p.code,
                    p.name,
                    p.sequence,
                    p.stage_id,
                    p.goal,
                    p.standard_days,
                    p.policy_probability,
                    p.stagnation_factor,
                    p.procurement_modes,
                    p.activity_plan_id,
                    p.techniques,
                )
                for p in process.phase_ids
            ]

        def points(process):
            return [
                (
                    p.phase_id.code,
                    p.code,
                    p.name,
                    p.level,
                    p.weight,
                    p.owner_role,
                    p.evidence_hint,
                    p.applicability,
                    p.rule_type,
                    p.evidence_model,
                    p.evidence_path,
                    p.evidence_domain,
                    p.minimum,
                    p.rule_key,
                    p.sequence,
                )
                for p in process.phase_ids.point_ids.sorted(lambda p: (p.phase_sequence, p.sequence, p.code))
            ]

        self.assertEqual(phases(draft), phases(self.process))
        self.assertEqual(points(draft), points(self.process))
        self.assertFalse(draft.phase_ids & self.process.phase_ids)
        self.assertFalse(draft.point_ids & self.process.point_ids)

    def test_a_new_version_keeps_translations(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        translated = self._new_version()
        translated.update_field_translations("name", {"fr_FR": "Grands comptes"})
        translated.phase_ids[0].point_ids[0].update_field_translations("name", {"fr_FR": "Client connu"})
        translated.action_activate()
        draft = self._new_version(translated).with_context(lang="fr_FR")
        self.assertEqual(draft.version, 3)
        self.assertEqual((draft.name, draft.phase_ids[0].point_ids[0].name), ("Grands comptes", "Client connu"))

    def test_asking_twice_opens_the_same_draft(self):
        self.assertEqual(self._new_version(), self._new_version())
        third = self._new_version()
        third.action_activate()
        self.assertEqual(self._new_version(third).version, 3)

    def test_a_draft_is_edited_freely(self):
        draft = self._new_version().with_user(self.director)
        draft.phase_ids[0].standard_days = 5
        draft.phase_ids[0].point_ids[0].level = "advisory"
        draft.phase_ids[1].point_ids[0].unlink()
        draft.name = "Better selling"
        self.assertEqual(self.phases["development"].standard_days, 45)
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_activation_retires_the_old_version_and_moves_its_teams(self):
        second = self.env["crm.team"].create({"name": "Second", "kams_process_id": self.process.id})
        draft = self._new_version()
        draft.with_user(self.director).action_activate()
        self.assertEqual((draft.state, self.process.state), ("active", "retired"))
        self.assertEqual((self.team | second).kams_process_id, draft)
        self.assertEqual(draft.effective_from, fields.Date.today())
        self.assertEqual(self.process.effective_to, fields.Date.today())

    def test_writing_the_state_is_activation_with_all_its_questions(self):
        """The state is a field: over RPC it must not be a way round the button."""
        draft = self._new_version()
        draft.with_user(self.director).write({"state": "active"})
        self.assertEqual((draft.state, self.process.state), ("active", "retired"))
        empty = self.env["kams.process"].create({"name": "Empty"})
        with self.assertRefused("Empty"):
            empty.with_user(self.director).write({"state": "active"})
        with self.assertRefused(draft.display_name, "Key Accounts"):
            draft.with_user(self.director).write({"state": "retired"})

    def test_deals_keep_the_version_they_started_with_and_new_deals_get_the_new_one(self):
        old = self._deal(name="Old")
        self._settle()
        draft = self._new_version()
        draft.phase_ids[0].point_ids.filtered(lambda point: point.code == "S1-O2").unlink()
        draft.action_activate()
        new = self._deal(name="New")
        self._settle()
        self.assertEqual((old.kams_process_id, new.kams_process_id), (self.process, draft))
        self.assertEqual(old.kams_check_ids.point_id, self.process.point_ids)
        self.assertEqual(new.kams_check_ids.point_id, draft.point_ids)
        self._name_customer(old | new)
        self._settle()
        with self.assertHeld(old | new, "Old", "S1-O2"):
            (old | new).stage_id = self.stages["initiation"]
        new.stage_id = self.stages["initiation"]
        self.assertEqual(new.kams_phase_id, draft.phase_ids[1])
        self._meeting(old)
        old.stage_id = self.stages["initiation"]
        self._settle()
        self.assertEqual(old.kams_phase_id, self.phases["initiation"])

    def test_a_process_that_a_team_sells_by_does_not_retire(self):
        with self.assertRefused("Starter v1", "Key Accounts"):
            self.process.with_user(self.director).action_retire()

    def test_a_team_works_by_an_active_process_only(self):
        draft = self._new_version()
        boss = self._person("kams_boss", "sales_team.group_sale_manager,kams_sales.group_director")
        with self.assertRefused("Key Accounts", draft.display_name):
            self.team.with_user(boss).kams_process_id = draft

    def test_states_move_only_forward(self):
        draft = self._new_version()
        with self.assertRefused("Draft", "Retired"):
            draft.write({"state": "retired"})
        draft.action_activate()
        with self.assertRefused("Active", "Draft"):
            draft.write({"state": "draft"})
        with self.assertRefused("Retired", "Active"):
            self.process.write({"state": "active"})
        with self.assertRefused("Retired"):
            self.process.action_activate()
        for state in ("active", "retired"):
            with self.subTest(state=state), self.assertRefused("Born"):
                self.env["kams.process"].create({"name": "Born", "state": state})
            with self.subTest(state=state, way="default"), self.assertRefused("Born"):
                self.env["kams.process"].with_context(default_state=state).create({"name": "Born"})

    def test_a_copy_is_a_new_process(self):
        copy = self.process.copy()
        self.assertEqual((copy.version, copy.state), (1, "draft"))
        self.assertFalse(copy.origin_id)
        self.assertNotEqual(copy.name, self.process.name)
        self.assertEqual(len(copy.point_ids), len(self.process.point_ids))


@tagged("post_install", "-at_install")
class TestProcessBadInput(ProcessCase):
    """Every mistake of a designer is answered by name, and changes nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls.process.copy({"name": "Workshop"})
        cls.trial = cls.draft.point_ids.filtered(lambda point: point.code == "S1-O2")

    def test_two_phases_on_one_stage(self):
        with self.assertRefused("Workshop", "Customer Development", "Initiation", self.stages["development"].name):
            self.draft.phase_ids[1].stage_id = self.stages["development"]
        with self.assertRefused("Workshop", "Twice"):
            self.draft.write(
                {
                    "phase_ids": [
                        Command.create(
                            {"code": "initiation", "name": "Twice", "stage_id": self.stages["development"].id}
                        )
                    ]
                }
            )

    def test_a_process_without_phases(self):
        empty = self.env["kams.process"].create({"name": "Hollow"})
        with self.assertRefused("Hollow", "phase"):
            empty.action_activate()
        with self.assertRefused("Hollow", "phase"):
            empty.state = "active"

    def test_delivery_on_a_stage_that_is_not_won_and_selling_on_one_that_is(self):
        plain = self.env["crm.stage"].create({"name": "Handing over"})
        self.draft.phase_ids[5].stage_id = plain
        with self.assertRefused("Workshop", "Delivery", "Handing over"):
            self.draft.action_activate()
        won = self.env["crm.stage"].create({"name": "Champagne", "is_won": True})
        self.draft.phase_ids[5].stage_id = self.stages["delivery"]
        self.draft.phase_ids[2].stage_id = won
        with self.assertRefused("Workshop", "Proposal", "Champagne"):
            self.draft.action_activate()

    def test_dates_in_the_wrong_order(self):
        with self.assertRefused("Workshop", "2026-02-01", "2026-01-31"):
            self.draft.write({"effective_from": "2026-02-01", "effective_to": "2026-01-31"})
        self.draft.write({"effective_from": "2026-02-01", "effective_to": "2026-02-01"})

    def test_numbers_that_mean_nothing(self):
        phase = self.draft.phase_ids[0]
        for values in (
            {"standard_days": 0},
            {"standard_days": -3},
            {"policy_probability": 101},
            {"policy_probability": -1},
            {"stagnation_factor": 0.5},
        ):
            with self.subTest(values=values), self.assertRefused(phase.name):
                phase.write(values)

    def test_a_domain_that_does_not_parse(self):
        for domain in (
            "[('partner_id', '=', ",
            "partner_id = 1",
            "[('partner_id',)]",
            "['&']",
            "7",
            "[(1, '=', 2)]",
            "[('id', '=', uid)]",
            "__import__('os').getcwd()",
            "[('stop', '<=', 'sometime')]",
            "[('stop', 'resembles', 1)]",
        ):
            for fname in ("evidence_domain", "applicability"):
                with self.subTest(domain=domain, field=fname), self.assertRefused("S1-O2"):
                    self.trial[fname] = domain

    def test_a_domain_that_names_a_missing_field(self):
        with self.assertRefused("S1-O2", "colour_of_hat", "calendar.event"):
            self.trial.evidence_domain = "[('colour_of_hat', '=', 'red')]"
        with self.assertRefused("S1-O2", "colour_of_hat"):
            self.trial.evidence_domain = "[('partner_ids.colour_of_hat', '=', 'red')]"
        with self.assertRefused("S1-O2", "colour_of_hat"):
            self.trial.applicability = "[('colour_of_hat', '=', 'red')]"

    def test_a_point_on_a_model_that_is_not_installed(self):
        for model in ("helpdesk.ticket", False, "", "mail.thread", "kams.waiver"):
            with self.subTest(model=model), self.assertRefused("S1-O2"):
                self.trial.evidence_model = model
        with self.assertRefused("S1-O2", "helpdesk.ticket"):
            self.trial.evidence_model = "helpdesk.ticket"

    def test_a_minimum_below_one(self):
        for minimum in (0, -1):
            with self.subTest(minimum=minimum), self.assertRefused("S1-O2", str(minimum)):
                self.trial.minimum = minimum

    def test_a_minimum_above_one_on_the_deal_itself(self):
        """A deal is one record: two of it can never be found."""
        point = self.draft.point_ids.filtered(lambda point: point.code == "S1-O1")
        with self.assertRefused("S1-O1"):
            point.minimum = 2

    def test_a_path_that_does_not_end_at_a_deal(self):
        for path in (
            "partner_ids",
            "user_id",
            "user_id.partner_id",
            "name",
            "opportunity_id.partner_id",
            "id",
            False,
            "nowhere",
            "opportunity_id.nowhere",
            "name.length",
        ):
            with self.subTest(path=path), self.assertRefused("S1-O2"):
                self.trial.evidence_path = path
        with self.assertRefused("S1-O2", "nowhere"):
            self.trial.evidence_path = "user_id.nowhere"

    def test_evidence_whose_changes_cannot_be_followed(self):
        with self.assertRefused("S1-O2"):
            self.trial.write(
                {
                    "evidence_model": "res.partner",
                    "evidence_path": "opportunity_ids",
                    "evidence_domain": "[('credit', '>', 0)]",
                }
            )

    def test_a_named_rule_without_a_name(self):
        with self.assertRefused("S1-O2"):
            self.trial.write({"rule_type": "named", "rule_key": False})

    def test_a_point_code_twice_in_one_process(self):
        with self.assertRefused("Workshop", "S1-O2", "Customer identified", "First meeting held"):
            self.draft.point_ids.filtered(lambda point: point.code == "S1-O1").code = "S1-O2"
        with self.assertRefused("S1-O2"):
            self.env["kams.control.point"].create(
                {"phase_id": self.draft.phase_ids[2].id, "code": "S1-O2", "name": "Again"}
            )
        other = self._draft()
        self.env["kams.control.point"].create({"phase_id": other.phase_ids[0].id, "code": "S1-O2", "name": "Elsewhere"})

    def test_bad_input_inside_one_nested_save_changes_nothing(self):
        """The designer saves phases and points in one form."""
        with self.assertRefused("S9-X"):
            self.draft.write(
                {
                    "name": "Workshop, improved",
                    "phase_ids": [
                        Command.update(
                            self.draft.phase_ids[0].id,
                            {
                                "standard_days": 12,
                                "point_ids": [Command.create({"code": "S9-X", "name": "Wrong", "minimum": 0})],
                            },
                        )
                    ],
                }
            )

    def test_two_modes_with_one_code(self):
        with self.assertRefused(error=Exception):
            self.env["kams.procurement.mode"].create({"name": "Open again", "code": "tender_open"})

    def test_a_stage_in_use_by_a_phase_is_not_deleted(self):
        with self.assertRefused(error=Exception):
            self.stages["initiation"].unlink()


@tagged("post_install", "-at_install")
class TestPointTrial(ProcessCase):
    """A new point is tried before it is in force."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls.process.copy({"name": "Workshop"})
        cls.point = cls.env["kams.control.point"].create(
            {
                "phase_id": cls.draft.phase_ids[0].id,
                "code": "S1-X",
                "name": "Two meetings held",
                "evidence_model": "calendar.event",
                "evidence_path": "opportunity_id",
                "minimum": 2,
                "applicability": "[('expected_revenue', '>=', 1000)]",
            }
        )
        cls.met = cls._deal(name="Met", expected_revenue=5000)
        cls._meeting(cls.met)
        cls._meeting(cls.met)
        cls.half = cls._deal(name="Half", expected_revenue=5000)
        cls._meeting(cls.half)
        cls.small = cls._deal(name="Small", expected_revenue=10)
        cls.lost = cls._deal(name="Lost", expected_revenue=5000)
        cls.lost.action_set_lost()
        cls.later = cls._deal(name="Later", expected_revenue=5000)
        cls._advance(cls.later, "initiation")
        cls._settle()

    def _trial(self, deal=None):
        action = self.point.with_user(self.director).action_try()
        return (
            self.env["kams.point.trial"]
            .with_user(self.director)
            .with_context(**action["context"])
            .create({"lead_id": deal.id if deal else False})
        )

    def test_it_says_of_one_deal_whether_the_point_is_met_and_by_what(self):
        self.assertEqual(self._trial(self.met).result, "pass")
        self.assertEqual(self._trial(self.met).evidence_ref._name, "calendar.event")
        self.assertIn(self._trial(self.met).evidence_ref, self.met.calendar_event_ids)
        self.assertEqual(self._trial(self.half).result, "fail")
        self.assertFalse(self._trial(self.half).evidence_ref)
        self.assertEqual(self._trial(self.small).result, "na")
        self.assertFalse(self._trial().result)

    def test_it_lists_the_open_deals_of_the_phase_that_would_be_held_up(self):
        trial = self._trial()
        held = trial.held_lead_ids
        self.assertIn(self.half, held)
        self.assertFalse(held & (self.met | self.small | self.lost | self.later))
        self.assertEqual(trial.held_count, len(held))
        self.assertGreaterEqual(trial.asked_count, 3)
        self.assertNotIn("S1-X", self.half.kams_check_ids.point_id.mapped("code"))

    def test_it_opens_the_deals_that_would_be_held_up(self):
        if not self.env.ref("kams_sales.crm_lead_kams_action", raise_if_not_found=False):
            self.skipTest("views are not installed")
        trial = self._trial()
        action = trial.action_view_held()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), trial.held_lead_ids)

    def test_trying_changes_nothing(self):
        with self.assertQueryCount(__system__=1000):
            before = self._picture(self.met | self.half | self.small)
        self._trial(self.half).held_lead_ids.mapped("name")
        self._settle()
        self.assertEqual(self._picture(self.met | self.half | self.small), before)

    def test_a_new_point_without_code_is_in_force_once_its_version_is(self):
        self.assertRaises(ValidationError, self.team.write, {"kams_process_id": self.draft.id})
        draft = self._new_version()
        self.env["kams.control.point"].with_user(self.director).create(
            {
                "phase_id": draft.phase_ids[0].id,
                "code": "S1-X",
                "name": "Tagged",
                "evidence_domain": "[('tag_ids', '!=', False)]",
                "evidence_hint": "Put a tag on the deal.",
            }
        )
        draft.action_activate()
        deal = self._deal(name="Untagged")
        self._supply(deal, "development")
        self._settle()
        with self.assertHeld(deal, "Untagged", "S1-X Tagged", "Put a tag on the deal."):
            deal.stage_id = self.stages["initiation"]
        deal.tag_ids = self.env["crm.tag"].create({"name": "Steam"})
        deal.stage_id = self.stages["initiation"]
        self.assertEqual(deal.kams_phase_id, draft.phase_ids[1])
