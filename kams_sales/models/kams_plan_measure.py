from odoo import api, fields, models
from odoo.tools import SQL

MEASURE_PREFIX = "_measure_"


class KamsPlanObjective(models.Model):
    """Measures: what Odoo's records know of an objective, for any number of objectives in one statement each.

    A measure ``key`` is a method ``_measure_<key>(self)`` that answers ``{objective id: value}``; other chapters add
    theirs with a label through ``_measure_labels`` and super().
    """

    _inherit = "kams.plan.objective"

    @api.model
    def _measure_labels(self):
        """``{key: label in the user's language}`` of all measures."""
        return {
            "net_sales": self.env._("Net sales"),
            "orders": self.env._("Orders received"),
            "pipeline": self.env._("Open pipeline"),
            "new_deals": self.env._("New deals"),
            "deals_won": self.env._("Deals won"),
            "meetings": self.env._("Meetings held"),
            "penetration": self.env._("Whitespace penetration (%)"),
            "overdue": self.env._("Overdue receivables"),
        }

    @api.model
    def _levels(self):
        """Keys of the measures that stand at a level rather than count from the period's first day."""
        return {"pipeline", "penetration", "overdue"}

    @api.model
    def _lower_is_better(self):
        """Keys of the measures that a plan wants to bring down."""
        return {"overdue"}

    def _measured(self):
        """``{objective id: value}`` of those that Odoo's records know."""
        values = {}
        for key, objectives in self.filtered("id").grouped("measure").items():
            method = getattr(self, MEASURE_PREFIX + (key or ""), None)
            if method:
                values |= getattr(objectives, MEASURE_PREFIX + key)()
        return values

    def _measure_net_sales(self):
        """2.3: posted invoices minus refunds, untaxed, by line, in company currency at the invoice's rate."""
        return self._ask(
            SQL("-SUM(line.balance)"),
            SQL(
                """
                JOIN account_move_line line
                  ON line.partner_id = asked.family AND line.company_id = asked.company
                 AND line.parent_state = 'posted' AND line.display_type = 'product'
                JOIN account_move move
                  ON move.id = line.move_id AND move.move_type IN ('out_invoice', 'out_refund')
                 AND move.invoice_date BETWEEN asked.date_from AND asked.date_to
                 AND (asked.address IS NULL
                      OR asked.address IN (move.partner_id, move.partner_shipping_id, line.partner_id))
                """
            ),
            "account.move.line",
            "account.move",
        )

    def _measure_orders(self):
        """Confirmed orders of the period, untaxed, in company currency at the order's rate."""
        return self._ask(
            SQL("SUM(orders.amount_untaxed / COALESCE(NULLIF(orders.currency_rate, 0), 1))"),
            SQL(
                """
                JOIN res_partner partner ON partner.commercial_partner_id = asked.family
                JOIN sale_order orders
                  ON orders.partner_id = partner.id AND orders.company_id = asked.company AND orders.state = 'sale'
                 AND orders.date_order::date BETWEEN asked.date_from AND asked.date_to
                 AND (asked.address IS NULL
                      OR asked.address IN (orders.partner_id, orders.partner_shipping_id, asked.family))
                """
            ),
            "sale.order",
            "res.partner",
        )

    def _measure_pipeline(self):
        return self._ask_deals(SQL("SUM(deal.expected_revenue)"), SQL("deal.active AND deal.won_status = 'pending'"))

    def _measure_new_deals(self):
        return self._ask_deals(SQL("COUNT(*)"), SQL("deal.create_date::date BETWEEN asked.date_from AND asked.date_to"))

    def _measure_deals_won(self):
        return self._ask_deals(
            SQL("COUNT(*)"),
            SQL("deal.won_status = 'won' AND deal.date_closed::date BETWEEN asked.date_from AND asked.date_to"),
        )

    def _measure_meetings(self):
        """Meetings that took place in the period, on a deal of the customer or with somebody of theirs."""
        return self._ask(
            SQL("COUNT(*)"),
            SQL(
                """
                JOIN calendar_event event
                  ON event.active AND event.stop <= %s
                 AND event.start::date BETWEEN asked.date_from AND asked.date_to
                 AND event.id IN (
                     SELECT attending.calendar_event_id
                       FROM calendar_event_res_partner_rel attending
                       JOIN res_partner partner ON partner.id = attending.res_partner_id
                      WHERE partner.commercial_partner_id = asked.family
                     UNION
                     SELECT met.id
                       FROM res_partner partner
                       JOIN crm_lead deal ON deal.partner_id = partner.id
                       JOIN calendar_event met ON met.opportunity_id = deal.id
                      WHERE partner.commercial_partner_id = asked.family
                 )
                """,
                fields.Datetime.now(),
            ),
            "calendar.event",
            "crm.lead",
            "res.partner",
        )

    def _measure_overdue(self):
        """What the customer should have paid by now."""
        return self._ask(
            SQL("SUM(line.amount_residual)"),
            SQL(
                """
                JOIN account_move_line line
                  ON line.partner_id = asked.family AND line.company_id = asked.company
                 AND line.parent_state = 'posted' AND NOT line.reconciled AND line.date_maturity < %s
                JOIN account_account account
                  ON account.id = line.account_id AND account.account_type = 'asset_receivable'
                """,
                fields.Date.context_today(self),
            ),
            "account.move.line",
        )

    def _measure_penetration(self):
        """2.4: installed ÷ applicable cells of the account's whitespace grid."""
        return {
            objective.id: account.penetration
            for objective in self
            # sudo: one share, for whoever may read the plan that is measured by it
            if (account := objective.account_id.sudo()) and account.penetration is not False
        }

    # STATEMENTS
    def _ask_deals(self, value, condition):
        return self._ask(
            value,
            SQL(
                """
                JOIN res_partner partner ON partner.commercial_partner_id = asked.family
                JOIN crm_lead deal
                  ON deal.partner_id = partner.id AND deal.type = 'opportunity'
                 AND COALESCE(deal.company_id, asked.company) = asked.company
                 AND (asked.unit IS NULL OR deal.kams_unit_id = asked.unit)
                 AND %s
                """,
                condition,
            ),
            "crm.lead",
            "res.partner",
        )

    def _ask(self, value, joins, *models):
        """One statement for all objectives. Who sees the plan sees these totals of its customer, and nothing else.

        :return: ``{objective id: value}``, 0 where a customer is known and has no such record
        """
        rows = []
        for objective in self:
            plan, unit = objective.plan_id, objective.unit_id
            customer = unit.sudo().partner_id.commercial_partner_id or plan.customer_id  # sudo: their ids only
            if customer:
                address = unit.sudo().partner_id.id or None
                rows.append(
                    (
                        objective.id,
                        customer.id,
                        address,
                        unit.id or None,
                        plan.company_id.id,
                        plan.date_from,
                        plan.date_to,
                    )
                )
        if not rows:
            return {}
        for model in models:
            self.env[model].flush_model()
        found = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT asked.id, %s
                      FROM UNNEST(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::date[], %s::date[])
                           AS asked (id, family, address, unit, company, date_from, date_to)
                      %s
                     GROUP BY asked.id
                    """,
                    value,
                    *(list(column) for column in zip(*rows, strict=True)),
                    joins,
                )
            )
        )
        return {row[0]: float(found.get(row[0]) or 0.0) for row in rows}
