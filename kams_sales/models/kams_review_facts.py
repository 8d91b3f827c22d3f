from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain

from ..tools.arithmetic import ratio
from .blank import known

# Costs that are recorded on a deal and count against its pre-sales budget
PRESALES = ("visits", "presales", "bidding")
MOST = 8  # other deals and competitors that the page names; the rest is counted


class KamsReview(models.Model):
    """What Odoo knows about a deal, put before those who review it (4.3): money, people, competitors.

    Plain values, which a decision keeps (``kams_review_snapshot.py``) and ``kams_review_page.py`` puts in words.
    Whatever is unknown is None. A constant number of statements for any number of reviews.
    """

    _inherit = "kams.review"

    # BUSINESS
    def _facts_of(self):
        """``{review id: {topic: values}}``.

        sudo: whoever reads a review may read these totals and names. They are what its committee is asked about, and
        most reviewers have neither the sales nor the accounting right. No record can be opened through them.
        """
        reviews = self.sudo().filtered("lead_id")
        topics = {
            "customer": reviews._facts_of_customers(),
            "margin": reviews._facts_of_margins(),
            "presales": reviews._facts_of_presales(),
            "others": reviews._facts_of_other_deals(),
            "competitors": reviews._facts_of_competitors(),
            "chances": reviews._facts_of_chances(),
        }
        return {
            review.id: {topic: found.get(review.lead_id.id) for topic, found in topics.items()} for review in reviews
        }

    def _facts_of_customers(self):
        """What the customer owes and how it pays, by the books of the last twelve months (2.3); credit."""
        accounts = self.lead_id.kams_account_id
        if not accounts:
            return {}
        today = fields.Date.context_today(self)
        totals = accounts._totals(today - relativedelta(years=1), today)
        found = {}
        for lead in self.lead_id.filtered("kams_account_id"):
            account = lead.kams_account_id
            known_totals = totals[account.id]
            partner = account.partner_id.with_company(account.company_id)
            found[lead.id] = {
                "currency_id": account.company_id.currency_id.id,
                "overdue": known_totals.overdue,
                "receivables": known_totals.receivables,
                "payment_days": known_totals.payment_days,
                "credit_grade": account.credit_grade or None,
                "credit_checked_on": fields.Date.to_string(account.credit_checked_on) or None,
                "credit_limit": partner.credit_limit if partner.use_partner_credit_limit else None,
            }
        return found

    def _quoted_margins(self):
        """``{deal id: margin of its latest quotation}``, amounts in the currency of its company."""
        orders = self.env["sale.order"].sudo()  # sudo: see _facts_of
        latest = {}
        for order in orders.search(
            [("opportunity_id", "in", self.lead_id.ids), ("state", "!=", "cancel")], order="date_order, id"
        ):
            latest[order.opportunity_id.id] = order
        chosen = orders.union(*latest.values())
        lines = chosen.order_line.filtered(lambda line: not line.display_type)
        lines.fetch(["order_id", "product_id", "product_uom_qty", "product_uom_id", "price_subtotal"])
        found = {}
        for lead_id, order in latest.items():
            company, today = order.company_id, fields.Date.context_today(self)
            revenue = cost = costed = 0.0
            for line in order.order_line.filtered(lambda line: not line.display_type):
                product = line.product_id.with_company(company)
                quantity = line.product_uom_id._compute_quantity(
                    line.product_uom_qty, product.uom_id, round=False, raise_if_failure=False
                )
                revenue += line.price_subtotal
                if product.standard_price:
                    costed += line.price_subtotal
                    # a product's cost is in the currency of its company
                    cost += quantity * product.cost_currency_id._convert(
                        product.standard_price, order.currency_id, company, today, round=False
                    )
            here = [
                order.currency_id._convert(amount, company.currency_id, company, today)
                for amount in (revenue, costed, cost)
            ]
            found[lead_id] = {
                "order": order.name,
                "currency_id": company.currency_id.id,
                "revenue": here[0],
                "cost": here[2],
                "costed": ratio(costed, revenue, 100),
                "margin_pct": ratio(here[1] - here[2], here[1], 100),
            }
        return found

    def _facts_of_margins(self):
        return self._quoted_margins()

    def _facts_of_presales(self):
        """Spent on the deal so far: plan actions that are done, and costs recorded on it."""
        leads = self.lead_id
        spent = defaultdict(float)
        for plan, amount in self.env["kams.plan.action"]._read_group(
            [("plan_id.lead_id", "in", leads.ids), ("state", "=", "done")], ["plan_id"], ["cost:sum"]
        ):
            spent[plan.lead_id.id] += amount
        for lead, amount in self.env["kams.account.cost"]._read_group(
            [("lead_id", "in", leads.ids), ("activity", "in", PRESALES)], ["lead_id"], ["amount:sum"]
        ):
            spent[lead.id] += amount
        return {
            lead.id: {
                "currency_id": (lead.company_id or self.env.company).currency_id.id,
                "spent": spent.get(lead.id, 0.0),
            }
            for lead in leads
        }

    def _facts_of_other_deals(self):
        """Other open deals that rest on the same people, or on the same account, in the same company."""
        leads = self.lead_id
        people = self.env["kams.stakeholder"]
        by_lead = people.search([("lead_id", "in", leads.ids)]).grouped("lead_id")
        partners = people.union(*by_lead.values()).partner_id
        shared = people.search(
            [("partner_id", "in", partners.ids), ("lead_id.active", "=", True), ("lead_id.won_status", "=", "pending")]
        )
        same_account = self.env["crm.lead"].search(
            [("kams_account_id", "in", leads.kams_account_id.ids), ("won_status", "=", "pending")]
        )
        (shared.lead_id | same_account).fetch(["name", "company_id", "expected_revenue", "user_id", "kams_phase_id"])
        found = {}
        for lead in leads:
            own = by_lead.get(lead, people).partner_id
            met = defaultdict(list)
            for person in shared:
                if person.lead_id != lead and person.partner_id in own:
                    met[person.lead_id].append(person.partner_id.name)
            others = [one for one in met if one.company_id == lead.company_id]
            account = lead.kams_account_id
            others += [
                one for one in same_account if account and one.kams_account_id == account and one not in (lead, *others)
            ]
            found[lead.id] = {
                "count": len(others),
                "deals": [
                    {
                        "name": one.name,
                        "amount": one.expected_revenue,
                        "currency_id": one.company_currency.id,
                        "salesperson": one.user_id.name or None,
                        "phase": one.kams_phase_id.name or None,
                        "people": sorted(met.get(one, ())),
                    }
                    for one in others[:MOST]
                ],
            }
        return found

    def _facts_of_competitors(self):
        rivals = self.env["kams.competitor"].search(Domain("lead_id", "in", self.lead_id.ids), order="threat desc, id")
        found = {lead.id: {"none": lead.kams_no_competitor, "count": 0, "rivals": []} for lead in self.lead_id}
        for rival in rivals:
            sheet = found[rival.lead_id.id]
            sheet["count"] += 1
            if sheet["count"] <= MOST:
                sheet["rivals"].append(
                    {
                        "name": rival.partner_id.name,
                        "product": rival.product or None,
                        "threat": known(rival.threat_level),
                        "price": known(rival.price_estimate),
                        "currency_id": rival.currency_id.id,
                        "likely": rival.likely_strategy or None,
                        "counter": rival.our_counter_strategy or None,
                    }
                )
        return found

    def _facts_of_chances(self):
        """The latest judgement that is done, and how far the requirements are met."""
        leads = self.lead_id
        judged = self.env["kams.qualification"].search([("lead_id", "in", leads.ids), ("is_latest", "=", True)])
        latest = {one.lead_id: one for one in judged}
        return {
            lead.id: {
                "date": fields.Date.to_string(latest[lead].date) if lead in latest else None,
                **{
                    name: known(latest[lead][name]) if lead in latest else None
                    for name in ("p_go", "p_get", "p_win", "score", "confidence")
                },
                "verdict": latest[lead].verdict or None if lead in latest else None,
                "fit_rate": known(lead.kams_fit_rate),
                "must_gap": lead.kams_must_gap,
            }
            for lead in leads
        }
