from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.arithmetic import ratio
from .blank import BlankInteger
from .crm_lead_gate import InternalPass

SEVERITIES = [("minor", "Minor Issue"), ("major", "Major Issue"), ("critical", "Critical Issue")]
LEVELS = [("0", "Owner"), ("1", "Project Manager"), ("2", "Sales Director"), ("3", "Management")]
STATES = [("open", "Unsolved"), ("solved", "Solved"), ("closed", "Issue Closed")]
# What was closed stays as it was
CLOSED = {
    *("name", "description", "severity", "raised_on", "raised_by_id", "raised_by_us", "cause", "solution"),
    *("closed_on", "closed_by_id", "solved_on", "lead_id", "delivery_id"),
}
# What follows when deals become one, or a delivery goes
LINKS = {"lead_id", "delivery_id"}
HAND, ENGINE = "kams_issue_engine", InternalPass("issue")


class KamsIssue(models.Model):
    """Something that stands in the way of the delivery: who solves it until when, and who is told if nobody does.

    Book section 8.5 问题清单. An issue that waits too long climbs: owner, project manager, director, management.
    """

    _name = "kams.issue"
    _description = "Delivery issue"
    _inherit = [
        "kams.deal.part",
        "kams.state.mixin",
        "kams.hand.mixin",
        "kams.import.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _hand = HAND, ENGINE
    _order = "closed_on desc, escalation_level desc, severity_rank desc, raised_on desc, id desc"
    _state_transitions = {
        "open": {"solved"},
        "solved": {"open", "closed"},
        "closed": {"open"},
    }

    # Of what
    lead_id = fields.Many2one(required=True)
    delivery_id = fields.Many2one(
        "kams.delivery",
        string="Delivery",
        domain="[('lead_id', '=', lead_id)]",
        compute="_compute_delivery_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
    )
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer")
    # What is wrong
    name = fields.Char(string="Delivery Issue", required=True)
    description = fields.Text()
    severity = fields.Selection(SEVERITIES, required=True, default="major", index=True, tracking=True)
    severity_rank = fields.Integer(compute="_compute_severity_rank", store=True)
    raised_on = fields.Date(string="Raised On", required=True, default=fields.Date.context_today)
    raised_by_id = fields.Many2one(
        "res.partner", string="Raised By", ondelete="restrict", index="btree_not_null", help="Who told us."
    )
    raised_by_us = fields.Boolean(string="Raised by Us")
    # Who sees to it
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="set null",
        index=True,
        tracking=True,
    )
    date_due = fields.Date(string="Solve By")
    escalation_level = fields.Selection(
        LEVELS, string="With Whom", default="0", required=True, readonly=True, copy=False, index=True, tracking=True
    )
    escalated_on = fields.Date(string="Escalated On", readonly=True, copy=False)
    escalated_to_id = fields.Many2one(
        "res.users", string="Escalated To", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    # How it ends
    cause = fields.Text(string="Cause of the Issue")
    solution = fields.Text(string="How It Was Solved", copy=False)
    state = fields.Selection(
        STATES, string="Status", default="open", required=True, copy=False, index=True, tracking=True, group_expand=True
    )
    solved_on = fields.Date(string="Solved On", readonly=True, copy=False)
    reopened_because = fields.Text(string="Taken Up Again Because", readonly=True, copy=False)
    closed_on = fields.Date(string="Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        "res.partner",
        string="Agreed By",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="Who at the customer said that it is solved.",
    )
    days_open = BlankInteger(string="Days Unsolved", compute="_compute_days_open")
    is_overdue = fields.Boolean(string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue")

    # COMPUTES
    @api.depends("lead_id")
    def _compute_delivery_id(self):
        """The delivery of the deal, if there is one only."""
        groups = self.env["kams.delivery"]._read_group(
            [("lead_id", "in", self.lead_id.ids), ("state", "!=", "cancelled")], ["lead_id"], ["id:recordset"]
        )
        only = {deal.id: found for deal, found in groups if len(found) == 1}
        for issue in self:
            if issue.delivery_id.lead_id != issue.lead_id:
                issue.delivery_id = only.get(issue.lead_id.id, False)
            else:
                issue.delivery_id = issue.delivery_id or only.get(issue.lead_id.id, False)

    @api.depends("lead_id.partner_id")
    def _compute_customer(self):
        for issue in self:
            issue.customer_id = issue.lead_id.partner_id.commercial_partner_id

    @api.depends("severity")
    def _compute_severity_rank(self):
        ranks = {key: rank for rank, (key, _label) in enumerate(SEVERITIES)}
        for issue in self:
            issue.severity_rank = ranks.get(issue.severity, 0)

    @api.depends("raised_on", "closed_on", "solved_on", "state")
    def _compute_days_open(self):
        today = fields.Date.context_today(self)
        for issue in self:
            end = issue.solved_on or issue.closed_on or today
            issue.days_open = max(0, (end - issue.raised_on).days) if issue.raised_on else None

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for issue in self:
            issue.is_overdue = issue.state == "open" and bool(issue.date_due) and issue.date_due < today

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain([("state", "=", "open"), ("date_due", "<", fields.Date.context_today(self))])
        return overdue if True in value else ~overdue

    # CONSTRAINTS
    @api.constrains("lead_id", "delivery_id")
    def _check_same_deal(self):
        for issue in self:
            if issue.delivery_id and issue.delivery_id.lead_id != issue.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(delivery)s” is of another deal than the issue “%(issue)s”: choose one of its deal.",
                        delivery=issue.delivery_id.display_name,
                        issue=issue.name,
                    )
                )

    # ORM
    def write(self, vals):
        linked = self.env.su and vals.keys() <= LINKS
        if not (linked or self._in_hand() or vals.get("state") == "open" or CLOSED.isdisjoint(vals)):
            self._check_not_closed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unclosed(self):
        self._check_not_closed()

    # BUSINESS
    def _check_not_closed(self):
        for issue in self:
            if issue.state == "closed":
                raise UserError(
                    self.env._("The issue “%s” is closed and stays as it is. Reopen it to change it.", issue.name)
                )

    @api.model
    def _closure_rate(self, deals):
        """``{deal id: closed ÷ all issues, in percent}``, None for a deal without issues (part of C35)."""
        # sudo: how many there are, for whoever may see the deal; no words of theirs
        groups = self.sudo()._read_group([("lead_id", "in", deals.ids)], ["lead_id", "state"], ["__count"])
        counts = {}
        for deal, state, number in groups:
            closed, total = counts.get(deal.id, (0, 0))
            counts[deal.id] = closed + (number if state == "closed" else 0), total + number
        return {deal.id: ratio(*counts.get(deal.id, (0, 0)), 100.0) for deal in deals}

    @api.model
    def _import_columns(self):
        return [
            ("lead_id", self.env._("Example Deal")),
            ("name", self.env._("The foundation isn't ready")),
            ("severity", "major"),
            ("raised_on", "2026-03-02"),
            ("raised_by_id", self.env._("Example Customer, Example Engineer")),
            ("user_id", self.env.user.name),
            ("date_due", "2026-03-09"),
            ("description", self.env._("Concrete is to be poured by the customer")),
        ]
