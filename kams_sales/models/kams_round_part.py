from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsRoundPart(models.AbstractModel):
    """A line of a round about an issue of its negotiation; what the law keeps to the bid is no issue (7.4)."""

    _name = "kams.round.part"
    _description = "Line of a round"
    _inherit = ["kams.computed.mixin", "kams.meeting.part"]

    negotiation_id = fields.Many2one(related="event_id.kams_negotiation_id", store=True, index=True)
    issue_id = fields.Many2one(
        "kams.negotiation.issue",
        string="Issue",
        domain="[('negotiation_id', '=', negotiation_id), ('locked', '=', False)]",
        ondelete="cascade",  # with its deal; people are refused (kams_negotiation_rounds.py)
        index="btree_not_null",
    )

    # CONSTRAINTS
    @api.constrains("event_id", "issue_id")
    def _check_issue(self):
        """Also when the meeting is taken to another deal: the issues are those of one negotiation."""
        for line in self:
            # sudo: what is compared and why it is refused, for whoever writes the line; no figure is shown
            negotiation, issue = line.event_id.sudo().kams_negotiation_id, line.issue_id.sudo()
            if not negotiation:
                raise ValidationError(
                    self.env._("“%s” is no round of a negotiation: choose its negotiation first.", line.event_id.name)
                )
            if issue and issue.negotiation_id != negotiation:
                raise ValidationError(
                    self.env._(
                        "“%(issue)s” is an issue of another negotiation than that of “%(meeting)s”.",
                        issue=issue.name,
                        meeting=line.event_id.name,
                    )
                )
            if issue.locked:
                raise ValidationError(
                    self.env._(
                        "“%(issue)s” is locked to our bid: by law nobody negotiates about it. Take it off the round "
                        "“%(meeting)s”.",
                        issue=issue.name,
                        meeting=line.event_id.name,
                    )
                )
