from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import plans
from .blank import BlankFloat, known

TYPED = "typed"


class KamsPlanObjective(models.Model):
    """One thing that a plan wants to reach, and how far it is: read from Odoo's records wherever they know.

    Book section 0.2: unit or resource, type, objective, strategy; a measure is one of ``_measures`` or typed by hand.
    """

    _name = "kams.plan.objective"
    _description = "Objective of a plan"
    _order = "plan_id, sequence, id"

    # Place
    plan_id = fields.Many2one("kams.plan", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    account_id = fields.Many2one(related="plan_id.account_id")
    sequence = fields.Integer(default=10)
    # What
    name = fields.Char(string="Objective", required=True)
    unit_id = fields.Many2one(
        "kams.account.unit",
        string="Unit",
        ondelete="set null",
        index="btree_not_null",
        domain="[('account_id', '=', account_id)]",
    )
    resource = fields.Char(help="What it is about where it isn't a unit: a site, a budget, a person.")
    type = fields.Selection(
        [
            ("revenue", "Revenue"),
            ("business_development", "Business Development"),
            ("cross_account", "Cross-Account"),
        ],
        required=True,
        default="revenue",
    )
    strategy = fields.Text(help="How we get there.")
    # How far
    measure = fields.Selection(
        selection=lambda self: self._selection_measure(),
        required=True,
        default=TYPED,
        help="Where the present value comes from: Odoo's records, or you.",
    )
    target = BlankFloat()
    start = BlankFloat(
        string="Start", copy=False, help="Where it stood when the plan began; counted from 0 when it is empty."
    )
    current = BlankFloat(string="Now", compute="_compute_current", inverse="_inverse_current")
    progress = BlankFloat(string="Progress (%)", compute="_compute_progress")
    typed_value = BlankFloat(readonly=True, copy=False)
    typed_by = fields.Many2one("res.users", readonly=True, copy=False)
    typed_on = fields.Datetime(readonly=True, copy=False)
    closing_value = BlankFloat(readonly=True, copy=False, help="What it had come to when the plan was closed.")

    # COMPUTES
    @api.model
    def _selection_measure(self):
        return [(TYPED, self.env._("Typed by hand")), *((key, text) for key, text in self._measure_labels().items())]

    @api.depends(
        "measure",
        "typed_value",
        "closing_value",
        "unit_id",
        "plan_id.state",
        "plan_id.date_from",
        "plan_id.date_to",
        "plan_id.account_id",
        "plan_id.lead_id",
    )
    def _compute_current(self):
        closed = self.filtered(lambda one: one.plan_id.state == "closed" and one.closing_value is not False)
        values = (self - closed)._measured()
        for objective in self:
            if objective in closed:
                value = objective.closing_value
            elif objective.measure == TYPED:
                value = objective.typed_value
            else:
                value = values.get(objective._origin.id)
            objective.current = value

    @api.depends("current", "target", "start", "measure")
    def _compute_progress(self):
        for objective in self:
            start, target = objective.start or 0.0, known(objective.target)
            down = objective.measure in self._lower_is_better() or (
                objective.measure == TYPED and target is not None and start > target
            )
            objective.progress = plans.progress(known(objective.current), target, start, down)

    def _inverse_current(self):
        """A value typed by hand says so, and by whom."""
        for objective in self:
            if objective.measure != TYPED:
                raise UserError(
                    self.env._(
                        "“%(objective)s” is read from Odoo's records (%(measure)s). To type its value, choose "
                        "“Typed by hand” as its measure.",
                        objective=objective.name,
                        measure=objective._measure_labels()[objective.measure],
                    )
                )
            objective.write(
                {"typed_value": objective.current, "typed_by": self.env.uid, "typed_on": fields.Datetime.now()}
            )

    # BUSINESS
    def _note_state(self, state):
        """What an active plan starts from, and what a closed one had come to."""
        if state == "closed":
            values = [objective.current for objective in self]
            for objective, value in zip(self, values, strict=True):
                objective.closing_value = value
        else:
            self.closing_value = False
            levels = self.filtered(lambda objective: objective.start is False and objective.measure in self._levels())
            values = levels._measured()
            for objective in levels:
                objective.start = values.get(objective.id)
