import textwrap

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import negotiation as arithmetic
from .blank import BlankFloat, BlankMonetary, known


class KamsNegotiationIssue(models.Model):
    """How well an issue ended for us."""

    _inherit = "kams.negotiation.issue"

    zopa = BlankFloat(
        string="Room for a Deal (ZOPA)",
        compute="_compute_result",
        digits=(16, 2),
        help="From where we stop to where we think they stop; empty: none, or not known.",
    )
    surplus_share = BlankFloat(string="Our Share of the Room (%)", compute="_compute_result", digits=(16, 1))
    settlement = BlankFloat(
        string="Reached (%)", compute="_compute_result", digits=(16, 1), help="0: where we stop. 100: what we wanted."
    )

    # COMPUTES
    @api.depends("target", "reservation", "est_their_reservation", "agreed", "better")
    def _compute_result(self):
        for issue in self:
            agreed, ours, theirs = (known(issue[name]) for name in ("agreed", "reservation", "est_their_reservation"))
            higher = issue.better == "higher"
            share = arithmetic.reached(agreed, ours, known(issue.target))
            issue.zopa = arithmetic.zopa(ours, theirs, higher)
            issue.surplus_share = arithmetic.surplus_share(agreed, ours, theirs, higher)
            issue.settlement = None if share is None else share * 100


class KamsNegotiation(models.Model):
    """How the negotiation ended, and how well for us (7.4)."""

    _inherit = "kams.negotiation"

    zopa = BlankFloat(
        string="Room for a Deal on the Price",
        compute="_compute_result",
        digits=(16, 2),
        help="From where we stop to where we think they stop; empty: none, or not known.",
    )
    surplus_share = BlankFloat(
        string="Our Share of the Room on the Price (%)", compute="_compute_result", digits=(16, 1)
    )
    settlement = BlankFloat(
        string="Settlement Score",
        compute="_compute_result",
        digits=(16, 1),
        help="Of 100, by the weights of what was agreed in numbers. 0: where we stop. 100: what we wanted.",
    )
    # kams_negotiation_rounds.py
    conceded = BlankMonetary(string="Conceded", compute="_compute_conceded", help="Worth of what we gave so far.")
    unplanned_count = fields.Integer(string="Unplanned Concessions", compute="_compute_conceded")
    broken_because = fields.Text(string="Why It Was Broken Off", copy=False)

    # COMPUTES
    @api.depends("issue_ids.zopa", "issue_ids.surplus_share", "issue_ids.settlement", "issue_ids.weight")
    def _compute_result(self):
        for negotiation in self:
            issues = negotiation.issue_ids
            price = issues.filtered(lambda issue: issue.kind == "price" and not issue.locked)[:1]
            negotiation.zopa = known(price.zopa) if price else None
            negotiation.surplus_share = known(price.surplus_share) if price else None
            negotiation.settlement = arithmetic.settlement(
                [
                    (known(issue.weight), None if known(issue.settlement) is None else issue.settlement / 100)
                    for issue in issues.filtered(lambda issue: not issue.locked)
                ]
            )

    # ACTIONS
    def action_start(self):
        """Sit down with them: the plan is approved, and where it was tendered we were awarded it."""
        self.check_access("write")
        for negotiation in self:
            if negotiation.state != "approved":
                raise UserError(
                    self.env._(
                        "Have the plan of “%s” approved before you sit down with them.", negotiation.display_name
                    )
                )
            negotiation._check_awarded()
            negotiation._engine().write({"state": "negotiating"})
        return True

    def action_agree(self):
        """All is said: each issue ends somewhere, and nothing is left open. What is locked ends as it was bid."""
        self.check_access("write")
        for negotiation in self:
            if negotiation.state != "negotiating":
                raise UserError(
                    self.env._(
                        "“%s” isn't being negotiated: start it once its plan is approved.", negotiation.display_name
                    )
                )
            if left := negotiation._left_open():
                raise UserError(
                    self.env._(
                        "“%(negotiation)s” isn't agreed yet. Still open: %(left)s.",
                        negotiation=negotiation.display_name,
                        left=", ".join(left),
                    )
                )
            for issue in negotiation.issue_ids.filtered("locked"):
                issue.write({"agreed": known(issue.bid_value), "agreed_text": issue.bid_text})
            negotiation._engine().write({"state": "agreed"})
        return True

    def action_break(self):
        """Nothing comes of it, for now; the reason stays."""
        self.check_access("write")
        for negotiation in self:
            if negotiation.state != "negotiating":
                raise UserError(self.env._("“%s” isn't being negotiated.", negotiation.display_name))
            if not (negotiation.broken_because or "").strip():
                raise UserError(self.env._("Write down why “%s” is broken off first.", negotiation.display_name))
            negotiation._engine().write({"state": "broken"})
        return True

    def action_resume(self):
        """Back to the table: what was agreed, or broken off, wasn't the last word. The chatter keeps it."""
        self.check_access("write")
        for negotiation in self:
            if negotiation.state not in ("agreed", "broken"):
                raise UserError(
                    self.env._("“%s” can't be negotiated again: its contract is under way.", negotiation.display_name)
                )
            agreed = [
                f"{issue.name}: {issue.agreed_text or issue.agreed}"
                for issue in negotiation.issue_ids
                if issue._is_settled() and not issue.locked
            ]
            negotiation.message_post(
                body=self.env._(
                    "Negotiated again. Before that: %s.",
                    "; ".join(agreed) or negotiation.broken_because or self.env._("nothing was agreed"),
                )
            )
            negotiation._engine().write({"state": "negotiating"})
        return True

    # BUSINESS
    def _check_awarded(self):
        """During a tender nobody negotiates: 招标投标法 43, 政府采购法 77."""
        self.ensure_one()
        if self.scope == "non_substantive" and self.tender_id.result != "won":
            raise UserError(
                self.env._(
                    "“%s”: while a tender runs the law forbids to negotiate (招标投标法 43). Choose the "
                    "tender that was awarded to us, and note the award there first.",
                    self.display_name,
                )
            )

    def _left_open(self):
        """What is neither agreed in a number nor in words, nor locked, and what rounds left open."""
        self.ensure_one()
        points = self.point_ids.filtered(lambda point: point.state == "open")
        return [
            *(issue.name for issue in self.issue_ids if not issue._is_settled()),
            *(textwrap.shorten(point.text, 60, placeholder="…") for point in points),
        ]
