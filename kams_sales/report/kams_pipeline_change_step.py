from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.pipeline import KINDS, bar

# What a row says is another thing for another question or reader
ASKED = ("uid", "allowed_company_ids", "kams_from", "kams_to", "kams_until", "kams_team_id", "kams_user_id")


class KamsPipelineChangeStep(models.Model):
    """The bars of what changed in the pipeline: each begins where the one before ended, and the last stands on zero.

    Sums of ``kams.pipeline.change`` as its reader may see it, for the moments that the context names, and for the team
    (``kams_team_id``) and salesperson (``kams_user_id``) that it names. Every kind has its row, whether anything
    happened or not.
    """

    _name = "kams.pipeline.change.step"
    _description = "Bar of what changed in the pipeline"
    _inherit = "kams.report"
    _auto = False
    _order = "id"
    _rec_name = "kind"

    kind = fields.Selection(KINDS, string="Change", readonly=True)
    deals = fields.Integer(readonly=True, depends_context=ASKED)
    amount = fields.Monetary(readonly=True, depends_context=ASKED)
    currency_id = fields.Many2one("res.currency", readonly=True, depends_context=ASKED)
    level_before = fields.Monetary(string="From", readonly=True, aggregator=None, depends_context=ASKED)
    level_after = fields.Monetary(string="To", readonly=True, aggregator=None, depends_context=ASKED)
    highest = fields.Monetary(readonly=True, aggregator=None, depends_context=ASKED)
    bar = fields.Html(compute="_compute_bar", sanitize=False)

    _depends = {"kams.pipeline.change": ["amount", "deals", "kind_order"]}

    # COMPUTES
    @api.depends("kind", "level_before", "level_after", "highest")
    @api.depends_context(*ASKED)
    def _compute_bar(self):
        for step in self:
            shown = bar(step.level_before, step.level_after, step.highest)
            tone = {"opening": "primary", "closing": "primary", "won": "info"}.get(step.kind)
            tone = tone or ("success" if step.amount > 0 else "danger")
            step.bar = self.env["ir.qweb"]._render(
                "kams_sales.kams_pipeline_change_bar", {"left": shown[0], "width": shown[1], "tone": tone}
            )

    @property
    def _table_query(self) -> SQL:
        changes = self.env["kams.pipeline.change"]
        query = changes._search(self._domain())
        told = query.select(
            *(changes._field_to_sql(query.table, name, query) for name in ("kind_order", "deals", "amount"))
        )
        return SQL(
            """
            SELECT id, kind, deals, amount, %(currency)s AS currency_id, level_before, level_after,
                   GREATEST(MAX(level_before) OVER (), MAX(level_after) OVER ()) AS highest
              FROM (SELECT kinds.place AS id, kinds.kind, COALESCE(told.deals, 0) AS deals,
                           COALESCE(told.amount, 0) AS amount,
                           CASE WHEN kinds.kind IN ('opening', 'closing') THEN 0
                                ELSE SUM(COALESCE(told.amount, 0)) OVER before - COALESCE(told.amount, 0)
                                 END AS level_before,
                           CASE WHEN kinds.kind = 'closing' THEN COALESCE(told.amount, 0)
                                ELSE SUM(COALESCE(told.amount, 0)) OVER before END AS level_after
                      FROM unnest(%(kinds)s::varchar[]) WITH ORDINALITY AS kinds (kind, place)
                 LEFT JOIN (SELECT kind_order, SUM(deals) AS deals, SUM(amount) AS amount
                              FROM (%(told)s) AS row (kind_order, deals, amount)
                          GROUP BY kind_order) told ON told.kind_order + 1 = kinds.place
                    WINDOW before AS (ORDER BY kinds.place)
                   ) step
            """,
            currency=self._currency(),
            kinds=[kind for kind, _label in KINDS],
            told=told,
        )

    # ACTIONS
    @api.readonly
    def action_open_deals(self):
        """The deals behind this bar."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_pipeline_change_action")
        asked = {name: value for name, value in self.env.context.items() if name.startswith("kams_")}
        return {
            **action,
            "display_name": dict(self._fields["kind"]._description_selection(self.env))[self.kind],
            "domain": [*self._domain(), ("kind", "=", self.kind)],
            "context": asked,
        }

    # BUSINESS
    @api.model
    def _domain(self):
        """Whose deals the bars are of; what the context says is data, and rules decide what its reader sees."""
        asked = {"team_id": "kams_team_id", "user_id": "kams_user_id"}
        found = {name: self.env.context.get(key) for name, key in asked.items()}
        return [(name, "=", value) for name, value in found.items() if isinstance(value, int) and value]
