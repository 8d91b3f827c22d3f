from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import forecast as arithmetic
from .blank import BlankFloat, BlankInteger, BlankMonetary, known
from .kams_process_phase import PHASE_CODES

SELLING = [code for code, _label in PHASE_CODES if code != "delivery"]


class KamsTarget(models.Model):
    """What a person, a team or the company must win in a period, and whether the pipeline can bring it.

    Book section 1.2 销售目标; formulas C04 to C08 and C11. Figures come from deal history: of a period that is over, as
    things stood at its end; else as they stand now. Who sees a target sees how it stands, whosever the deals are.
    """

    _name = "kams.target"
    _description = "Sales target"
    _inherit = ["kams.period.mixin", "kams.import.mixin", "mail.thread"]
    _order = "date_from desc, team_id, user_id, id desc"
    _rec_names_search = ["user_id.name", "team_id.name"]

    # Wanted
    quota = fields.Monetary(required=True, tracking=True)
    pipeline_scope = fields.Selection(
        [("all", "All open deals"), ("due", "Those expected to close by the end of the period")],
        string="Pipeline Counted",
        required=True,
        default="all",
    )
    planned_win_rate = BlankFloat(
        string="Planned Win Rate (%)", tracking=True, help="Empty: own history tells how many of 100 deals are won."
    )
    note = fields.Text(string="Notes")
    # Team and people
    people_quota = BlankMonetary(
        string="Quotas of Its People", compute="_compute_people", help="Of the same team and period."
    )
    people_gap = BlankMonetary(
        string="Not Given to Anybody", compute="_compute_people", help="The team's quota less those of its people."
    )
    # Reached
    closed = BlankMonetary(string="Won in the Period", compute="_compute_figures")
    closed_count = BlankInteger(string="Deals Won in the Period", compute="_compute_figures")
    attainment = BlankFloat(string="Attainment (%)", compute="_compute_figures", digits=(16, 4), help="Won ÷ quota.")
    remaining = BlankMonetary(string="Remaining Quota", compute="_compute_figures")
    # Pipeline
    open_pipeline = BlankMonetary(string="Open Pipeline", compute="_compute_figures")
    open_count = BlankInteger(string="Open Deals", compute="_compute_figures")
    weighted = BlankMonetary(
        string="Weighted by Policy", compute="_compute_figures", help="Each deal times the chance of its phase."
    )
    weighted_own = BlankMonetary(
        string="Weighted by Own History",
        compute="_compute_own_history",
        help="Each deal times the share of own closed deals won from its phase on. Empty while there are none.",
    )
    coverage = BlankFloat(
        string="Coverage", compute="_compute_figures", digits=(16, 4), help="Open pipeline ÷ remaining quota."
    )
    weighted_coverage = BlankFloat(string="Weighted Coverage", compute="_compute_figures", digits=(16, 4))
    # Enough?
    win_rate = BlankFloat(
        string="Win Rate (%)", compute="_compute_figures", digits=(16, 4), help="Won ÷ (won + lost), or as planned."
    )
    rate_basis = BlankInteger(
        string="Closed Deals behind It", compute="_compute_figures", help="Won and lost ones that the win rate is from."
    )
    rate_whose = fields.Char(
        string="Whose Closed Deals",
        compute="_compute_figures",
        help="A person's or team's own, if they closed enough; else the company's.",
    )
    target_coverage = BlankFloat(
        string="Target Coverage", compute="_compute_figures", digits=(16, 4), help="1 ÷ win rate."
    )
    required_pipeline = BlankMonetary(
        string="Required Pipeline", compute="_compute_figures", help="Remaining quota ÷ win rate."
    )
    pipeline_gap = BlankMonetary(
        string="Pipeline Gap", compute="_compute_figures", help="Required less open pipeline; below 0 there is enough."
    )
    stage_coverage = fields.Html(string="Coverage by Phase", compute="_compute_own_history", sanitize=False)
    # When?
    average_deal = BlankMonetary(string="Average Deal Won", compute="_compute_figures")
    cycle_days = BlankFloat(
        string="Sales Cycle (Days)",
        compute="_compute_figures",
        digits=(16, 4),
        help="Of won deals, from the first day to the win, on average.",
    )
    velocity = BlankMonetary(
        string="Velocity a Day",
        compute="_compute_figures",
        help="Open deals × win rate × average deal ÷ sales cycle: what is won a day.",
    )
    months_to_quota = BlankFloat(string="Months to Quota", compute="_compute_figures", digits=(16, 4))
    hit_probability = BlankFloat(
        string="Chance to Reach the Quota (%)",
        compute="_compute_figures",
        digits=(16, 4),
        help="As if what open deals bring were normally distributed, with the chances of their phases.",
    )

    _one_scope = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0), COALESCE(user_id, 0), period_kind, date_from)",
        "There is a target of these people and this period already.",
    )

    # COMPUTES
    @api.depends("quota", "team_id", "user_id", "company_id", "period_kind", "date_from")
    def _compute_people(self):
        """The quotas of a team's people beside the team's own: one statement for all."""
        teams = self.filtered(lambda target: target.team_id and not target.user_id)
        # sudo: a team's sum, told to whoever sees the team's target
        groups = self.sudo()._read_group(
            [
                ("team_id", "in", teams.team_id.ids),
                ("user_id", "!=", False),
                ("date_from", "in", list(set(teams.mapped("date_from")))),
            ],
            ["company_id", "team_id", "period_kind", "date_from:day"],
            ["quota:sum"],
        )
        found = {(company.id, team.id, kind, day): total for company, team, kind, day, total in groups}
        for target in self:
            place = target.company_id.id, target.team_id.id, target.period_kind, target.date_from
            total = found.get(place) if target in teams else None
            target.people_quota = total
            target.people_gap = None if total is None else target.quota - total

    @api.depends("quota", "pipeline_scope", "planned_win_rate", "tz", "date_to", "company_id", "team_id", "user_id")
    def _compute_figures(self):
        """All figures of all targets in a constant number of statements."""
        asked = self.filtered(lambda target: target.date_from and target.date_to and target.company_id)
        figures = dict(zip(asked, self.env["kams.target.figures"]._figures(asked), strict=True))
        for target in self:
            target.update(target._figures_from(figures.get(target)))

    @api.depends("remaining", "pipeline_scope", "tz", "date_to", "company_id", "team_id", "user_id")
    @api.depends_context("lang")
    def _compute_own_history(self):
        """What needs the chances of own history, which lists don't ask for: they come from all closed deals."""
        asked = self.filtered(lambda target: target.date_from and target.date_to and target.company_id)
        figures = dict(zip(asked, self.env["kams.target.figures"]._figures(asked, own=True), strict=True))
        for target in self:
            found = figures.get(target)
            target.weighted_own = found and found["weighted_own"]
            target.stage_coverage = found and self.env["ir.qweb"]._render(
                "kams_sales.kams_target_phases",
                {"rows": target._phase_rows(found), "currency": target.currency_id},
            )

    # CONSTRAINTS
    @api.constrains("quota", "planned_win_rate")
    def _check_quota(self):
        for target in self:
            rate = known(target.planned_win_rate)
            if target.quota < 0:
                raise ValidationError(self.env._("%(target)s: a quota can't be negative.", target=target.display_name))
            if rate is not None and not 0 < rate <= 100:
                raise ValidationError(
                    self.env._(
                        "%(target)s: of 100 deals more than 0 and at most 100 can be won, not %(rate)g.",
                        target=target.display_name,
                        rate=rate,
                    )
                )

    # ORM
    @api.model
    def _import_columns(self):
        return [
            ("user_id", "Marc Demo"),
            ("team_id", "Key Accounts"),
            ("period_kind", "quarter"),
            ("date_from", "2026-01-01"),
            ("quota", "12000000"),
        ]

    # ACTIONS
    @api.readonly
    def action_won_deals(self):
        """The deals won in the period, from history."""
        return self._open_deals(self.env._("Won: %s", self.display_name), "won")

    @api.readonly
    def action_open_deals(self):
        """The deals that the pipeline counts."""
        return self._open_deals(self.env._("Pipeline: %s", self.display_name), "open")

    @api.readonly
    def action_closed_deals(self):
        """The won and lost deals that the win rate is from."""
        return self._open_deals(self.env._("Closed Deals: %s", self.display_name), "closed")

    def action_forecast(self):
        """The forecast of the same people and period; a new one if there is none."""
        self.ensure_one()
        found = self.env["kams.forecast"]._of_targets(self).get(self)
        action = self.env["ir.actions.actions"]._for_xml_id("kams_sales.kams_forecast_action")
        context = {f"default_{name}": self[name].id for name in ("company_id", "team_id", "user_id")}
        context |= {f"default_{name}": self[name] for name in ("period_kind", "date_from", "tz")}
        return {
            **action,
            "res_id": found.id if found else False,
            "view_mode": "form",
            "views": [(False, "form")],
            "context": context,
        }

    # BUSINESS
    def _figures_from(self, found):
        """The formulas over what was counted."""
        names = (
            *("closed", "closed_count", "attainment", "remaining", "open_pipeline", "open_count", "weighted"),
            *("coverage", "weighted_coverage", "win_rate", "rate_basis", "rate_whose", "target_coverage"),
            *("required_pipeline", "pipeline_gap", "average_deal", "cycle_days", "velocity", "months_to_quota"),
            "hit_probability",
        )
        if found is None:
            return dict.fromkeys(names)
        left = arithmetic.remaining(self.quota, found["won"])
        planned = known(self.planned_win_rate)
        rate = found["win_rate"] if planned is None else planned / 100
        required = arithmetic.required_pipeline(left, rate)
        a_day = arithmetic.velocity(found["open_count"], rate, found["average"], found["days"])
        chance = arithmetic.hit_probability(left, found["weighted"], found["variance"])
        attainment = arithmetic.ratio(found["won"], self.quota)
        return {
            "closed": found["won"],
            "closed_count": found["won_count"],
            "attainment": None if attainment is None else attainment * 100,
            "remaining": left,
            "open_pipeline": found["open"],
            "open_count": found["open_count"],
            "weighted": found["weighted"],
            "coverage": arithmetic.ratio(found["open"], left),
            "weighted_coverage": arithmetic.ratio(found["weighted"], left),
            "win_rate": None if rate is None else rate * 100,
            "rate_basis": found["closed_count"] if planned is None else None,
            "rate_whose": False if planned is not None or rate is None else self._rate_name(found["is_narrow"]),
            "target_coverage": arithmetic.target_coverage(rate),
            "required_pipeline": required,
            "pipeline_gap": None if required is None else required - found["open"],
            "average_deal": found["average"],
            "cycle_days": found["days"],
            "velocity": a_day,
            "months_to_quota": arithmetic.months_to_quota(left, a_day),
            "hit_probability": None if chance is None else chance * 100,
        }

    def _rate_name(self, is_narrow):
        # sudo: names alone, as Odoo shows them to whoever may read the target
        scope = self.sudo()
        return (is_narrow and (scope.user_id.name or scope.team_id.name)) or scope.company_id.name

    def _phase_rows(self, found):
        """C06, as plain values for the table on the form."""
        left = known(self.remaining)
        values = [found["phases"].get(code, {}).get("value", 0.0) for code in SELLING]
        chances = [found["chances"].get(code) for code in SELLING]
        covered = arithmetic.stage_coverage(values, chances, left)
        labels = dict(self.env["kams.deal.history"]._fields["phase_code"]._description_selection(self.env))
        return [
            {
                "name": labels[code],
                "count": found["phases"].get(code, {}).get("count", 0),
                "value": value,
                "beyond": sum(values[place:]),
                "chance": chance,
                "required": arithmetic.ratio(left, chance),
                "coverage": coverage,
            }
            for place, (code, value, chance, coverage) in enumerate(zip(SELLING, values, chances, covered, strict=True))
        ]

    def _open_deals(self, name, which):
        self.ensure_one()
        self.check_access("read")
        ids = self.env["kams.target.figures"]._deal_ids(self, which)
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "crm.lead",
            "view_mode": "list,kanban,form",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("id", "in", ids)],
            "context": {"active_test": False, "create": False, "group_by": ["stage_id"] if which == "open" else []},
        }
