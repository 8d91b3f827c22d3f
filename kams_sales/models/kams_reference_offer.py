from datetime import datetime, time

from dateutil.relativedelta import relativedelta
from pytz import utc

from odoo import api, fields, models

from ..tools import meetings
from ..tools.arithmetic import ratio

# How close a customer and we must be before others are shown around there: all stages but these
UNHEALTHY = ("exploratory", "disintegrating")
PAID = ("paid", "in_payment", "reversed")


class KamsReference(models.Model):
    """When a reference customer is offered for a visit, and how alike they are to the customer who comes (5.4).

    Delivered, paid, on good terms, not visited too often, and with their consent: each that fails is said in words.
    """

    _inherit = "kams.reference"

    is_offered = fields.Boolean(
        string="Offered",
        compute="_compute_is_offered",
        search="_search_is_offered",
        help="May be visited today: delivered, paid with nothing overdue, a relationship of the key account that is "
        "basic or closer, not visited too often this quarter, and with a consent on file that holds.",
    )
    obstacles = fields.Text(string="Not Offered Because", compute="_compute_is_offered")
    visits_quarter = fields.Integer(
        string="Visits This Quarter", compute="_compute_is_offered", help="Held and planned, by all deals."
    )

    # COMPUTES
    @api.depends(
        *("partner_id", "company_id", "deal_id", "order_id", "delivered_on", "consent", "consent_date"),
        *("consent_until", "consent_file_ids"),
    )
    @api.depends_context("lang")
    def _compute_is_offered(self):
        day = fields.Date.context_today(self)
        found = self._origin._obstacles(day)
        visits = self._origin._visits(day)
        for reference in self:
            reasons = found.get(reference._origin) if reference._origin else [self.env._("Save it first.")]
            reference.obstacles = "\n".join(reasons)
            reference.is_offered = not reasons
            reference.visits_quarter = visits.get(reference._origin.id, 0)

    def _search_is_offered(self, operator, value):
        if operator != "in":
            return NotImplemented
        references = self.search([("partner_id", "!=", False)])
        offered = references.filtered("is_offered") if references else references
        return [("id", "in" if True in value else "not in", offered.ids)]

    # BUSINESS
    def _obstacles(self, day, without=None):
        """``{reference: [why it can't be visited on that day]}``, in a constant number of statements.

        :param without: the meeting that is planned: it doesn't stand in its own way
        """
        found = {reference: [] for reference in self}
        if not self:
            return found
        orders = self._orders()
        delivered, paid = self._delivered(orders), self._paid(orders)
        stages, visits = self._stages(), self._visits(day, without)
        most = self.env["kams.legal.rule"]._value("reference_visits_quarter", day)
        for reference, reasons in found.items():
            if not (reference.delivered_on and reference.delivered_on <= day) and not delivered.get(reference):
                reasons.append(
                    self.env._("Not delivered yet.")
                    if orders[reference]
                    else self.env._(
                        "Whether it is delivered isn't known: name its deal or order, or when it was accepted."
                    )
                )
            if not orders[reference]:
                reasons.append(self.env._("Whether it is paid isn't known: name its deal or order."))
            elif not paid[reference]:
                reasons.append(self.env._("Not everything is invoiced and paid: ask finance."))
            stage = stages.get((reference.partner_id.commercial_partner_id.id, reference.company_id.id))
            if not stage:
                reasons.append(self.env._("Their relationship with us isn't judged yet: score it on the account."))
            elif stage in UNHEALTHY:
                label = dict(self.env["kams.account"]._fields["relationship_stage"]._description_selection(self.env))
                reasons.append(self.env._("Their relationship with us is “%s”.", label[stage]))
            if most is not None and visits.get(reference.id, 0) >= most:
                reasons.append(
                    self.env._(
                        "Visited or booked %(count)s times that quarter; %(most)s are the most.",
                        count=visits[reference.id],
                        most=round(most),
                    )
                )
            reasons += reference._consent_lacks(day)
        return found

    def _consent_lacks(self, day):
        if not self.consent:
            return [self.env._("They haven't agreed to be visited.")]
        if not self.consent_file_ids:
            return [self.env._("Their consent isn't on file.")]
        if self.consent_date > day or (self.consent_until and self.consent_until < day):
            return [self.env._("Their consent doesn't hold on that day.")]
        return []

    def _orders(self):
        """``{reference: confirmed orders}``. sudo: only whether they are delivered and paid is told, no amount."""
        orders = self.env["sale.order"].sudo()
        deals = self.filtered(lambda reference: not reference.order_id).deal_id
        of_deals = {}
        if deals:
            of_deals = orders.search([("opportunity_id", "in", deals.ids), ("state", "=", "sale")]).grouped(
                "opportunity_id"
            )
        return {
            reference: (
                reference.order_id.sudo().filtered(lambda order: order.state == "sale")
                or of_deals.get(reference.deal_id.sudo(), orders)
            ).filtered(lambda order, reference=reference: order.company_id == reference.company_id)
            for reference in self
        }

    def _delivered(self, orders):
        """``{reference: whether each line of its orders is delivered in full}``; without a line nobody knows."""
        wanted = self._union(orders)
        lines = (
            wanted.env["sale.order.line"].search_fetch(
                [("order_id", "in", wanted.ids), ("display_type", "=", False), ("is_downpayment", "=", False)],
                ["order_id", "product_uom_qty", "qty_delivered"],
            )
            if wanted
            else wanted.order_line
        )
        by_order = lines.grouped("order_id")
        return {
            reference: bool(mine)
            and all(
                by_order.get(order) and all(line.qty_delivered >= line.product_uom_qty for line in by_order[order])
                for order in mine
            )
            for reference, mine in orders.items()
        }

    def _paid(self, orders):
        """``{reference: whether its orders are invoiced and paid, and nothing of the customer is overdue}``."""
        wanted = self._union(orders)
        moves = wanted.env["account.move"]
        if wanted:
            moves = moves.search(
                [
                    ("line_ids.sale_line_ids.order_id", "in", wanted.ids),
                    ("state", "=", "posted"),
                    ("move_type", "=", "out_invoice"),
                    ("payment_state", "not in", PAID),
                ]
            )
        unpaid = moves.line_ids.sale_line_ids.order_id
        overdue = self._overdue()
        return {
            reference: not (mine & unpaid)
            and all(order.invoice_status in ("invoiced", "upselling") for order in mine)
            and (reference.partner_id.commercial_partner_id.id, reference.company_id.id) not in overdue
            for reference, mine in orders.items()
        }

    def _overdue(self):
        """``{(customer, company)}`` who owe something that was due before today.

        sudo: whether there is anything, not what.
        """
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("partner_id.commercial_partner_id", "in", self.partner_id.commercial_partner_id.ids),
                    ("company_id", "in", self.company_id.ids),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("amount_residual", ">", 0),
                    ("date_maturity", "<", fields.Date.context_today(self)),
                ],
                ["partner_id", "company_id"],
            )
        )
        return {(partner.commercial_partner_id.id, company.id) for partner, company in groups}

    def _stages(self):
        """``{(customer, company): stage of the relationship}``. sudo: that one word of an account."""
        accounts = self.env["kams.account"].sudo().with_context(active_test=False)
        found = accounts.search_fetch(
            [
                ("partner_id", "in", self.partner_id.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            ["partner_id", "company_id", "relationship_stage"],
        )
        return {(one.partner_id.id, one.company_id.id): one.relationship_stage for one in found}

    def _visits(self, day, without=None):
        """``{reference's id: visits held and planned in the quarter of that day}``."""
        start, stop = self._quarter(day)
        # sudo: how often a reference is visited by all deals is counted, not by whom
        groups = (
            self.env["calendar.event"]
            .sudo()
            ._read_group(
                [
                    ("kams_reference_id", "in", self.ids),
                    ("kams_kind", "=", "reference_visit"),
                    ("start", ">=", start),
                    ("start", "<", stop),
                    ("id", "not in", without.ids if without else []),
                ],
                ["kams_reference_id"],
                ["__count"],
            )
        )
        return {reference.id: number for reference, number in groups}

    @api.model
    def _quarter(self, day):
        """First moment of the quarter and of the next one, in UTC, where the user is."""
        first = day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        zone = self.env.tz
        return tuple(
            zone.localize(datetime.combine(one, time.min)).astimezone(utc).replace(tzinfo=None)
            for one in (first, first + relativedelta(months=3))
        )

    @api.model
    def _union(self, orders):
        return self.env["sale.order"].sudo().union(*orders.values())  # sudo: see _orders

    # SIMILARITY
    def _similarity(self, deal):
        """``{reference: (1 to 5 or None, why)}`` to the customer of a deal: industry, size, application."""
        customer = deal.partner_id.commercial_partner_id
        employees = deal.kams_account_id.sudo().employees  # sudo: compared, not shown
        value = self.env["kams.legal.rule"]._value
        weights = [value(f"reference_weight_{side}") or 0 for side in ("industry", "size", "application")]
        found = {}
        for reference in self:
            sides = [
                reference._same_industry(customer),
                reference._same_size(employees),
                reference._same_application(deal.kams_offering_id),
            ]
            mark = meetings.similarity([(weight, share) for weight, (share, _word) in zip(weights, sides, strict=True)])
            found[reference] = mark, ", ".join(word for _share, word in sides)
        return found

    def _same_industry(self, customer):
        mine, theirs = self.industry_id, customer.industry_id
        if not mine or not theirs:
            return None, self.env._("industry not known")
        return (1, self.env._("same industry")) if mine == theirs else (0, self.env._("other industry"))

    def _same_size(self, employees):
        """The smaller one's employees as a share of the larger one's."""
        both = sorted((self.employees, employees or 0))
        share = ratio(both[0], both[1]) if all(both) else None
        if share is None:
            return None, self.env._("size not known")
        return share, self.env._("size %s%% alike", round(share * 100))

    def _same_application(self, offering):
        """The same offering, or one of the same kind."""
        mine = self.offering_id
        if not mine or not offering:
            return None, self.env._("application not known")
        if mine == offering:
            return 1, self.env._("same application")
        if mine.parent_id and mine.parent_id == offering.parent_id or offering in (mine.parent_id, *mine.child_id):
            return 0.5, self.env._("similar application")
        return 0, self.env._("other application")
