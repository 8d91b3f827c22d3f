from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsDecisionStep(models.Model):
    """One step of how the customer decides: whose it is, when it is taken, and how we know (3.6 决策流程)."""

    _name = "kams.decision.step"
    _description = "Decision step of a deal"
    _inherit = ["kams.deal.part"]
    _order = "sequence, id"

    lead_id = fields.Many2one(required=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Step", required=True)
    stakeholder_id = fields.Many2one(
        "kams.stakeholder",
        string="Who Decides",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    date_start = fields.Date(string="From")
    date_end = fields.Date(string="Until")
    state = fields.Selection(
        [("planned", "Planned"), ("ongoing", "Ongoing"), ("done", "Done")],
        string="Status",
        required=True,
        default="planned",
    )
    evidence = fields.Char(help="How we know: a document, a mail, who said it.")

    # CONSTRAINTS
    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for step in self:
            if step.date_start and step.date_end and step.date_end < step.date_start:
                raise ValidationError(
                    self.env._("%s ends before it begins: correct one of the two days.", step.display_name)
                )

    @api.constrains("stakeholder_id")
    def _check_stakeholder(self):
        for step in self:
            if step.stakeholder_id and step.stakeholder_id.lead_id != step.lead_id:
                raise ValidationError(
                    self.env._(
                        "%(person)s doesn't stand in the decision chain of %(deal)s: add the contact there first.",
                        person=step.stakeholder_id.display_name,
                        deal=step.lead_id.display_name,
                    )
                )

    # BUSINESS
    @api.model
    def _standard(self):
        """The usual steps of a larger purchase, in order (3.6)."""
        return [
            self.env._("Need Raised"),
            self.env._("Project Approved"),
            self.env._("Budget Granted"),
            self.env._("Technical Choice"),
            self.env._("Tender"),
            self.env._("Bid Evaluation"),
            self.env._("Award"),
            self.env._("Contract Signed"),
        ]
