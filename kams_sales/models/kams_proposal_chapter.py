from odoo import api, fields, models

VOLUMES = [
    ("qualification", "Qualification"),
    ("business", "Business"),
    ("technical", "Technical"),
    ("price", "Price"),
    ("electronic", "Electronic"),
]


class KamsProposalChapter(models.Model):
    """A chapter of a proposal or bid: what it says, who writes it until when, which requirements it answers (5.6)."""

    _name = "kams.proposal.chapter"
    _description = "Chapter"
    _inherit = ["mail.activity.mixin"]
    _order = "proposal_id, sequence, id"

    proposal_id = fields.Many2one("kams.proposal", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="proposal_id.lead_id", string="Deal")
    company_id = fields.Many2one(related="proposal_id.company_id", store=True, index=True)
    proposal_state = fields.Selection(related="proposal_id.state", string="Status of the Proposal")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Chapter", required=True)
    volume = fields.Selection(VOLUMES, help="In which volume of a bid it stands.")
    user_id = fields.Many2one("res.users", string="Owner", domain="[('share', '=', False)]", index="btree_not_null")
    date_due = fields.Date(string="Due")
    state = fields.Selection(
        [("todo", "To Do"), ("draft", "Draft"), ("done", "Done")], string="Status", required=True, default="todo"
    )
    pages = fields.Integer(help="How many pages it has or is to have.")
    body = fields.Html(string="Text")
    attachment_ids = fields.Many2many("ir.attachment", string="Attachments", ondelete="restrict", copy=True)
    requirement_ids = fields.Many2many(
        "kams.requirement",
        string="Requirements Answered",
        domain="[('lead_id', '=', lead_id)]",
        help="Which of the customer's requirements this chapter answers.",
    )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        self.env["kams.proposal"].browse(vals.get("proposal_id") for vals in vals_list)._check_open()
        return super().create(vals_list)

    def write(self, vals):
        if any(not name.startswith("activity_") for name in vals):
            self.proposal_id._check_open()
        result = super().write(vals)
        if "proposal_id" in vals:
            self.proposal_id._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self.proposal_id._check_open()
