from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools import criteria


class KamsCriterionPaste(models.TransientModel):
    """A scoring table as it stands in the tender documents, pasted in one go (6.4 评分标准)."""

    _name = "kams.criterion.paste"
    _description = "Paste criteria"

    tender_id = fields.Many2one("kams.tender", required=True, readonly=True, ondelete="cascade")
    text = fields.Text()
    replace = fields.Boolean(string="Replace the Present Criteria")
    found = fields.Char(compute="_compute_found")

    # COMPUTES
    @api.depends("text")
    def _compute_found(self):
        for wizard in self:
            rows = criteria.read_table(wizard.text or "")
            wizard.found = (
                self.env._(
                    "%(count)s criteria, %(total)s points in all.",
                    count=len(rows),
                    total=f"{sum(row[2] for row in rows):g}",
                )
                if rows
                else ""
            )

    # ACTIONS
    def action_confirm(self):
        self.ensure_one()
        rows = criteria.read_table(self.text or "")
        if not rows:
            raise UserError(
                self.env._("No row with a criterion and its full marks was found. Copy the table with its columns.")
            )
        tender = self.tender_id
        after = 0 if self.replace else max(tender.criterion_ids.mapped("sequence"), default=0)
        tender.criterion_ids = [
            *([Command.clear()] if self.replace else []),
            *(
                Command.create(
                    {
                        "sequence": after + number,
                        "group": group,
                        "name": name,
                        "full_score": full,
                        "rule_text": rule,
                        "our_expected": ours,
                        "rule_type": "formula" if group == "price" else False,
                    }
                )
                for number, (group, name, full, rule, ours) in enumerate(rows, 1)
            ),
        ]
        return {"type": "ir.actions.act_window_close"}
