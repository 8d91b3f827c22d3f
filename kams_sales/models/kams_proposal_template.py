from datetime import timedelta

from odoo import api, fields, models

from .kams_proposal import KINDS
from .kams_proposal_chapter import ADDS, VOLUMES


class KamsProposalTemplate(models.Model):
    """Which chapters a proposal or bid begins with, and when in its time each is due (5.6 项目建议书).

    A proposal copies the chapters; a change here holds for those made from then on.
    """

    _name = "kams.proposal.template"
    _description = "Proposal template"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company that has none of its own.")
    kind = fields.Selection(KINDS, required=True, default="proposal")
    line_ids = fields.One2many("kams.proposal.template.line", "template_id", string="Chapters", copy=True)

    # BUSINESS
    @api.model
    def _for(self, kind, company):
        """The template that a new proposal begins with; the company's own go before the general ones."""
        # sudo: which chapters belong into a proposal doesn't depend on who writes it
        found = self.sudo().search([("kind", "=", kind), ("company_id", "in", (company.id, False))])
        return (found.filtered("company_id") or found)[:1]


class KamsProposalTemplateLine(models.Model):
    """A chapter that proposals made from the template begin with."""

    _name = "kams.proposal.template.line"
    _description = "Chapter of a template"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one("kams.proposal.template", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="template_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Chapter", required=True, translate=True)
    volume = fields.Selection(VOLUMES)
    adds = fields.Selection(ADDS, string="Followed By", required=True, default="text")
    hint = fields.Text(string="What Belongs Here", translate=True)
    due_pct = fields.Float(
        string="Due After (%)",
        default=65.0,
        digits=(16, 0),
        help="Part of the time from the beginning of the work to the day of submission.",
    )

    _percent = models.Constraint(
        "CHECK (due_pct BETWEEN 0 AND 100)", "A chapter is due between 0 and 100 % of the time."
    )

    # BUSINESS
    def _chapter_values(self, proposal):
        """The chapter as it begins in a proposal."""
        self.ensure_one()
        start, end = proposal.date_start, proposal.date_due
        due = start and end and end >= start and start + timedelta(days=int((end - start).days * self.due_pct / 100))
        return {
            "sequence": self.sequence,
            "name": self.name,
            "volume": self.volume,
            "adds": self.adds,
            "hint": self.hint,
            "date_due": due or end,
        }
