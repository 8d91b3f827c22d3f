from odoo import fields, models


class KamsSatisfaction(models.Model):
    """What somebody isn't satisfied with is an issue, with an owner and a day (8.5, 8.6)."""

    _inherit = "kams.satisfaction"

    issue_id = fields.Many2one(
        "kams.issue",
        string="Issue Made of It",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    # ACTIONS
    def action_make_issue(self):
        """Make an issue of what they aren't satisfied with, or open the one that was made."""
        self.ensure_one()
        if not self.issue_id:
            self.check_access("write")
            low = self.line_ids.filtered(lambda line: line.score in ("1", "2", "3"))
            aspects = dict(low._fields["aspect"]._description_selection(self.env))
            said = [": ".join(filter(None, (aspects[line.aspect], line.note))) for line in low]
            self.issue_id = self.env["kams.issue"].create(
                {
                    "lead_id": self.lead_id.id,
                    **({"delivery_id": self.delivery_id.id} if self.delivery_id else {}),
                    "name": self.env._("%s isn't satisfied", self.partner_id.name or self.lead_id.name),
                    "description": "\n".join(filter(None, (*said, self.comment))),
                    "severity": "major" if self.score and self.score < 3 else "minor",
                    "raised_by_id": self.partner_id.id,
                }
            )
        return self.issue_id._get_records_action(name=self.issue_id.display_name)
