from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .blank import BlankFloat, known

FIGURES = [
    ("gross_sales", "Sales at List Price"),
    ("discounts", "Discounts and Rebates"),
    ("cogs", "Cost of Goods Sold"),
    ("service_cost", "Recorded Cost to Serve"),
    ("capital_cost", "Cost of Capital Tied Up"),
    ("receivables_average", "Average Receivables"),
    ("invoiced", "Invoiced, Tax Included"),
    ("receivables", "Receivables at the End"),
    ("overdue", "Overdue at the End"),
    ("payment_days", "Days from Invoice to Payment"),
    ("category_spend", "Customer's Spend on What We Sell"),
    ("strategic", "Strategic Value (0–100)"),
    ("importance", "Strategic Importance (1–10)"),
    ("difficulty", "Difficulty of Managing (1–10)"),
    ("attractiveness", "Business Attractiveness (1–10)"),
    ("relationship", "Strength of Relationship (1–10)"),
]
SCALES = {
    "strategic": (0, 100),
    "importance": (1, 10),
    "difficulty": (1, 10),
    "attractiveness": (1, 10),
    "relationship": (1, 10),
}
ODOO_SIDE = {"key", "odoo_value", "value_id", "sequence"}
HAND_SIDE = {"typed_value", "why"}


class KamsAccountFigure(models.Model):
    """One input of a value analysis: as Odoo knows it, or as somebody typed it, with name, day and reason (2.3)."""

    _name = "kams.account.figure"
    _description = "Figure of a value analysis"
    _inherit = ["kams.account.part"]
    _order = "sequence, id"
    _rec_name = "key"

    value_id = fields.Many2one("kams.account.value", string="Analysis", required=True, ondelete="cascade", index=True)
    account_id = fields.Many2one(related="value_id.account_id", store=True, index=True, required=False)
    sequence = fields.Integer()
    key = fields.Selection(FIGURES, string="Figure", required=True, readonly=True)
    # From Odoo
    odoo_value = BlankFloat(string="From Odoo", digits=(16, 2), readonly=True)
    # By hand
    typed_value = BlankFloat(string="Typed", digits=(16, 2))
    is_typed = fields.Boolean(compute="_compute_value", store=True)
    why = fields.Char(string="Source or Reason", help="Where a typed figure comes from.")
    typed_by_id = fields.Many2one("res.users", string="Typed By", readonly=True)
    typed_on = fields.Datetime(readonly=True)
    # What counts
    value = BlankFloat(string="Used", digits=(16, 2), compute="_compute_value", store=True)

    _key_uniq = models.UniqueIndex("(value_id, key)", "An analysis has each figure once.")

    # COMPUTES
    @api.depends("odoo_value", "typed_value")
    def _compute_value(self):
        for figure in self:
            figure.is_typed = known(figure.typed_value) is not None
            figure.value = figure.typed_value if figure.is_typed else figure.odoo_value

    # CONSTRAINTS
    @api.constrains("typed_value", "why")
    def _check_typed(self):
        for figure in self.filtered("is_typed"):
            if not figure.why:
                raise ValidationError(
                    self.env._(
                        "%(figure)s of %(analysis)s is typed by hand: say where it comes from, as its source.",
                        figure=figure._label(),
                        analysis=figure.value_id.display_name,
                    )
                )
            low, high = SCALES.get(figure.key, (None, None))
            if low is not None and not low <= figure.typed_value <= high:
                raise ValidationError(
                    self.env._(
                        "%(figure)s of %(analysis)s can't be %(value)s: it goes from %(low)s to %(high)s.",
                        figure=figure._label(),
                        analysis=figure.value_id.display_name,
                        value=figure.typed_value,
                        low=low,
                        high=high,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self._check_open()

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        self._check_hands([key for vals in vals_list for key in vals if key in ("odoo_value",)])
        figures = super().create([self._signed(vals) for vals in vals_list])
        figures._check_open()
        return figures

    def write(self, vals):
        self._check_hands(ODOO_SIDE & vals.keys())
        self._check_open()
        return super().write(self._signed(vals))

    def _check_hands(self, names):
        """What comes from Odoo is computed, nobody's to write: what people know goes into the typed value."""
        if names and not self.env.su:
            raise AccessError(self.env._("A figure from Odoo can't be changed. Type yours beside it, with its source."))

    def _check_open(self):
        if done := self.value_id.filtered(lambda value: value.state == "done"):
            raise UserError(
                self.env._(
                    "%(analysis)s is done and keeps its figures. Make a new analysis instead.",
                    analysis=done[0].display_name,
                )
            )

    def _signed(self, vals):
        """Who typed a figure, and when: noted, not asked."""
        vals = {name: value for name, value in vals.items() if name not in ("typed_by_id", "typed_on")}
        if HAND_SIDE & vals.keys():
            cleared = "typed_value" in vals and known(vals["typed_value"]) is None
            vals |= (
                {"typed_by_id": False, "typed_on": False, "why": False}
                if cleared
                else {"typed_by_id": self.env.uid, "typed_on": fields.Datetime.now()}
            )
        return vals

    # ACTIONS
    def action_use_odoo(self):
        """Forget what was typed."""
        self.write({"typed_value": False})

    def action_open(self):
        """Open the rows that the figure adds up."""
        self.ensure_one()
        return self.value_id._open_rows(self.key)

    # BUSINESS
    def _label(self):
        return dict(self._fields["key"]._description_selection(self.env))[self.key]
