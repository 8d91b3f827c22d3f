from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import BlankFloat, BlankMonetary, refuse_beyond, refuse_negative
from .crm_lead_gate import InternalPass
from .kams_delivery_template import ACCEPTANCES

# What the customer confirmed with the plan: from then on only a signed change moves it
BASELINE = {
    *("delivery_id", "weight", "budget", "baseline_start", "baseline_end"),
    *("needs_acceptance", "acceptance_kind"),
}
STAMPS = {"first_start", "first_end"}
HAND, ENGINE = "kams_delivery_phase_engine", InternalPass("delivery phase")


class KamsDeliveryPhase(models.Model):
    """A phase of a delivery: when it was promised, when we now expect it, when it happened, and what it weighs.

    Book section 8.3 阶段工作管理 (T40 实施计划/阶段). Its tasks are those of the project's milestone; how far it is
    stands in kams_delivery_phase_progress.py, what it is worth in kams_delivery_value.py.
    """

    _name = "kams.delivery.phase"
    _description = "Phase of a delivery"
    _inherit = ["kams.computed.mixin", "kams.hand.mixin"]
    _hand = HAND, ENGINE
    _stamps = frozenset(STAMPS)
    _order = "delivery_id, sequence, id"
    _rec_names_search = ["name", "delivery_id.name"]

    # Of what
    delivery_id = fields.Many2one("kams.delivery", string="Delivery", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="delivery_id.lead_id", string="Deal")
    company_id = fields.Many2one(related="delivery_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="delivery_id.currency_id")
    milestone_id = fields.Many2one(
        "project.milestone",
        string="Milestone",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        help="The milestone of the project that the phase's tasks stand on.",
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Phase of Delivery", required=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", domain="[('share', '=', False)]", ondelete="set null", index="btree_not_null"
    )
    predecessor_ids = fields.Many2many(
        "kams.delivery.phase",
        "kams_delivery_phase_predecessor_rel",
        "phase_id",
        "predecessor_id",
        string="Comes After",
        domain="[('delivery_id', '=', delivery_id), ('id', '!=', id)]",
        copy=False,
    )
    # Promised
    weight = BlankFloat(
        string="Weight (%)", digits=(16, 2), help="What the phase counts in the progress of the delivery."
    )
    budget = BlankMonetary(string="Planned Costs", help="What the phase may cost us; empty: not known.")
    baseline_start = fields.Date(string="Baseline From", help="The dates that the customer confirmed with the plan.")
    baseline_end = fields.Date(string="Baseline Until")
    baseline_locked = fields.Boolean(
        string="Baseline Fixed",
        compute="_compute_baseline_locked",
        help="The plan was confirmed by the customer: only a signed change moves its dates.",
    )
    first_start = fields.Date(string="First Promised From", readonly=True, copy=False)
    first_end = fields.Date(
        string="First Promised Until", readonly=True, copy=False, help="Before a signed change moved it."
    )
    # How it ends
    acceptance_kind = fields.Selection(
        ACCEPTANCES, string="Ends With", index="btree_not_null", help="Empty: no acceptance of its own."
    )
    needs_acceptance = fields.Boolean(
        string="Acceptance Needed",
        compute="_compute_needs_acceptance",
        store=True,
        readonly=False,
        precompute=True,
        help="The customer signs an acceptance at the end of the phase.",
    )
    # As it looks now, and as it was
    forecast_start = fields.Date(string="Expected From", copy=False)
    forecast_end = fields.Date(string="Expected Until", copy=False)
    actual_start = fields.Date(string="Begun On", copy=False)
    actual_end = fields.Date(string="Ended On", copy=False)
    other_cost = BlankMonetary(
        string="Costs Not Booked", copy=False, help="What the phase has cost beside what was booked on the project."
    )
    deliverable_ids = fields.One2many("kams.delivery.deliverable", "phase_id", string="Deliverables")
    note = fields.Text(string="Notes on the Phase")

    _milestone_once = models.UniqueIndex(
        "(milestone_id) WHERE milestone_id IS NOT NULL", "A milestone belongs to one phase only: choose another one."
    )

    # COMPUTES
    @api.depends("name", "delivery_id.name")
    @api.depends_context("default_delivery_id")
    def _compute_display_name(self):
        """With its delivery, unless all are of the same."""
        alone = self.env.context.get("default_delivery_id")
        for phase in self:
            phase.display_name = phase.name if alone else f"{phase.delivery_id.name} – {phase.name}"

    @api.depends("acceptance_kind")
    def _compute_needs_acceptance(self):
        for phase in self:
            phase.needs_acceptance = bool(phase.acceptance_kind) and phase.acceptance_kind != "warranty"

    @api.depends("delivery_id.plan_state")
    def _compute_baseline_locked(self):
        for phase in self:
            phase.baseline_locked = phase.delivery_id.plan_state == "confirmed"

    # CONSTRAINTS
    @api.constrains("weight", "budget", "other_cost")
    def _check_amounts(self):
        refuse_negative(self, "weight", "budget", "other_cost")
        refuse_beyond(self, 100, "weight")

    @api.constrains("baseline_start", "baseline_end", "forecast_start", "forecast_end", "actual_start", "actual_end")
    def _check_dates(self):
        today = fields.Date.context_today(self)
        for phase in self:
            for kind in ("baseline", "forecast", "actual"):
                start, end = phase[f"{kind}_start"], phase[f"{kind}_end"]
                if start and end and end < start:
                    raise ValidationError(
                        self.env._(
                            "“%(phase)s” can't end (%(end)s) before it begins (%(start)s): “%(field)s”.",
                            phase=phase.display_name,
                            start=start,
                            end=end,
                            field=phase._fields[f"{kind}_end"]._description_string(self.env),
                        )
                    )
            for name in ("actual_start", "actual_end"):
                if phase[name] and phase[name] > today:
                    raise ValidationError(
                        self.env._(
                            "“%(phase)s”: “%(field)s” says what happened and can't be in the future. "
                            "Enter what you expect as its forecast.",
                            phase=phase.display_name,
                            field=phase._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains("predecessor_ids", "delivery_id")
    def _check_predecessors(self):
        for phase in self:
            if phase.predecessor_ids.delivery_id - phase.delivery_id:
                raise ValidationError(
                    self.env._(
                        "“%s” can only come after phases of the same delivery.",
                        phase.display_name,
                    )
                )
        if self._has_cycle("predecessor_ids"):
            raise ValidationError(
                self.env._(
                    "“%s” would come after itself: take one of the phases out that it comes after.",
                    self[:1].display_name,
                )
            )

    @api.constrains("milestone_id", "delivery_id")
    def _check_milestone(self):
        for phase in self:
            # sudo: whether the milestone is of the delivery's project, nothing else of it
            project = phase.milestone_id.sudo().project_id
            if project and project != phase.delivery_id.sudo().project_id:
                raise ValidationError(
                    self.env._(
                        "“%(milestone)s” is a milestone of another project: choose one of the project of "
                        "“%(delivery)s”.",
                        milestone=phase.milestone_id.sudo().name,
                        delivery=phase.delivery_id.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        phases = super().create(vals_list)
        phases._check_plan_open()
        phases._make_milestones()
        phases.filtered("actual_end")._tell_milestones({"actual_end"})
        return phases

    def write(self, vals):
        if self._in_hand():
            result = super().write(vals)
        else:
            if STAMPS & vals.keys():
                raise UserError(
                    self.env._("%s: this is written by signed changes, not by hand.", self[:1].display_name)
                )
            if names := BASELINE & vals.keys():
                changing = self._changing(names, vals)
                changing._check_plan_open()
            result = super().write(vals)
            if "delivery_id" in vals:
                changing._check_plan_open()  # nor does a confirmed plan get one phase more
        self._tell_milestones(vals.keys())
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open_plan(self):
        self._check_plan_open()

    # BUSINESS
    def _changing(self, names, vals):
        """Those for which the values are new: a form may send what was there already."""

        def same(phase, name):
            field = phase._fields[name]
            new = field.convert_to_record(field.convert_to_cache(vals[name], phase), phase)
            return new == phase[name] and (new is False) == (phase[name] is False)

        return self.filtered(lambda phase: not all(same(phase, name) for name in names))

    def _check_plan_open(self):
        """What the customer confirmed stays: its phases, their weights, costs and dates."""
        if self._in_hand():
            return
        for delivery in self.delivery_id:
            if delivery.plan_state == "confirmed":
                raise UserError(
                    self.env._(
                        "The plan of “%s” was confirmed by the customer: its phases, weights, planned costs and "
                        "baseline dates stay. Record a change that both sides sign, or reopen the plan and say why. "
                        "Expected dates you may enter here.",
                        delivery.display_name,
                    )
                )

    def _rebaseline(self, start, end, change, cost=None):
        """Move the baseline as both sides signed it; what was promised first stays readable.

        :param change: the kams.change that says so, already signed
        :param cost: what the change adds to the phase's planned costs, if that is known
        """
        for phase in self:
            vals = {"baseline_start": start or phase.baseline_start, "baseline_end": end or phase.baseline_end}
            if not phase.first_start and not phase.first_end:
                vals.update(first_start=phase.baseline_start, first_end=phase.baseline_end)
            if cost is not None and phase.budget is not False:
                vals["budget"] = max(phase.budget + cost, 0.0)
            before = phase.baseline_end
            phase._engine().write(vals)
            phase.delivery_id.message_post(
                body=self.env._(
                    "“%(change)s”: the baseline of “%(phase)s” ends on %(new)s, before on %(old)s.",
                    change=change.display_name,
                    phase=phase.name,
                    new=phase.baseline_end or "–",
                    old=before or "–",
                )
            )
