from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .blank import BlankFloat, BlankMonetary, refuse_negative

STRATEGIES = [
    ("frontal", "Frontal"),
    ("flanking", "Flanking"),
    ("fragment", "Fragment"),
    ("defend", "Defend"),
    ("develop", "Develop"),
]
PRICE_LEVELS = [
    ("lower", "Lower Than Ours"),
    ("similar", "Like Ours"),
    ("higher", "Higher Than Ours"),
]
THREATS = [
    ("1", "1 Hardly any"),
    ("2", "2 Slight"),
    ("3", "3 Serious"),
    ("4", "4 Strong"),
    ("5", "5 Likely to win"),
]
RESULTS = [
    ("open", "Open"),
    ("won", "They Won"),
    ("lost", "They Lost"),
    ("withdrew", "They Withdrew"),
]


class KamsCompetitor(models.Model):
    """Who else wants this deal, what they will likely do, and what we do about it.

    Book section 3.6 判断潜在客户的销售机会, 竞争对手分析; control point S1-7.
    """

    _name = "kams.competitor"
    _description = "Competitor on a deal"
    _inherit = ["kams.deal.part", "kams.import.mixin"]
    _order = "threat desc, id"
    _rec_names_search = ["partner_id.name", "lead_id.name"]

    lead_id = fields.Many2one(required=True)
    # Who, and with what
    partner_id = fields.Many2one(
        "res.partner",
        string="Competitor",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('is_company', '=', True)]",
    )
    product = fields.Char(string="What They Offer")
    price_level = fields.Selection(PRICE_LEVELS)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True)
    price_estimate = BlankMonetary(string="Their Likely Price")
    strengths = fields.Text()
    weaknesses = fields.Text()
    stakeholder_ids = fields.Many2many(
        "kams.stakeholder",
        string="People on Their Side",
        domain="[('lead_id', '=', lead_id)]",
        help="Who of the decision chain belongs to them.",
    )
    # What happens
    threat = fields.Selection(THREATS)
    threat_level = BlankFloat(
        compute="_compute_threat_level", store=True, string="Threat (1–5)", digits=(16, 1), aggregator="avg"
    )
    likely_strategy = fields.Selection(STRATEGIES, help="How they will likely attack.")
    our_counter_strategy = fields.Selection(STRATEGIES, string="Our Strategy")
    our_counter = fields.Text(string="Our Counter")
    result = fields.Selection(RESULTS, required=True, default="open", help="How the deal ended for this competitor.")
    lead_won_status = fields.Selection(related="lead_id.won_status", string="State of the Deal")
    outcome_due = fields.Boolean(
        compute="_compute_outcome_due",
        string="Outcome to Note",
        help="The deal is closed, and nobody noted how it ended.",
    )

    _partner_uniq = models.UniqueIndex(
        "(lead_id, partner_id)", "This competitor has a sheet on the deal already: open that one."
    )

    # COMPUTES
    @api.depends("partner_id", "lead_id")
    def _compute_display_name(self):
        for competitor in self:
            competitor.display_name = f"{competitor.partner_id.name or ''} – {competitor.lead_id.name or ''}"

    @api.depends("lead_id")
    def _compute_currency_id(self):
        """Kept as it was: an estimate doesn't change when the deal goes to a company with another currency."""
        for competitor in self:
            if not competitor.currency_id:
                company = competitor.lead_id.company_id or self.env.company
                competitor.currency_id = company.currency_id

    @api.depends("result", "lead_id.won_status")
    def _compute_outcome_due(self):
        for competitor in self:
            competitor.outcome_due = (
                competitor.result == "open" and bool(competitor.lead_id) and competitor.lead_won_status != "pending"
            )

    @api.depends("threat")
    def _compute_threat_level(self):
        for competitor in self:
            competitor.threat_level = float(competitor.threat) if competitor.threat else None

    # CONSTRAINTS
    @api.constrains("lead_id")
    def _check_no_competitor(self):
        for competitor in self:
            if competitor.lead_id.kams_no_competitor:
                raise ValidationError(
                    self.env._(
                        "%(deal)s is marked “No Competitor”. Take that mark away before listing %(competitor)s.",
                        deal=competitor.lead_id.display_name,
                        competitor=competitor.partner_id.display_name,
                    )
                )

    @api.constrains("price_estimate")
    def _check_price_estimate(self):
        refuse_negative(self, "price_estimate")

    # ACTIONS
    def action_they_lost(self):
        self.result = "lost"

    def action_they_won(self):
        self.result = "won"

    def action_withdrew(self):
        self.result = "withdrew"

    # BUSINESS
    @api.model
    def _import_columns(self):
        return [
            ("lead_id", self.env._("Example Deal")),
            ("partner_id", self.env._("Example Rival Ltd")),
            ("product", self.env._("Burner package")),
            ("price_level", "higher"),
            ("price_estimate", "1150000"),
            ("threat", "4"),
            ("strengths", self.env._("A reference in the same province")),
            ("weaknesses", self.env._("Slow service")),
            ("likely_strategy", "frontal"),
            ("our_counter_strategy", "flanking"),
            ("our_counter", self.env._("Bring the operators to our reference plant")),
        ]
