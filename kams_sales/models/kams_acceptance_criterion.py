from odoo import api, fields, models

ASPECTS = [("technical", "Technical"), ("service", "Service"), ("safety", "Safety"), ("other", "Other")]
RESULTS = [("pass", "Meets It"), ("fail", "Doesn't Meet It")]


class KamsAcceptanceCriterion(models.Model):
    """One thing that is looked at in an acceptance: what it has to be, whether it is so, and what shows it (8.3)."""

    _name = "kams.acceptance.criterion"
    _description = "Criterion of an acceptance"
    _inherit = ["kams.computed.mixin", "kams.import.mixin", "kams.files.mixin"]
    _order = "acceptance_id, sequence, id"
    _rec_name = "item"
    _kept_files = ("file_ids",)

    # Place
    acceptance_id = fields.Many2one(
        "kams.acceptance", string="Acceptance", required=True, ondelete="cascade", index=True
    )
    lead_id = fields.Many2one(related="acceptance_id.lead_id", string="Deal")
    company_id = fields.Many2one(related="acceptance_id.company_id", store=True, index=True)
    acceptance_state = fields.Selection(related="acceptance_id.state", string="Status of the Acceptance")
    sequence = fields.Integer(default=10)
    # What it has to be
    item = fields.Text(string="What Is Inspected", required=True)
    standard = fields.Text(string="Agreed Standard", help="What it has to be, and how that is measured.")
    aspect = fields.Selection(ASPECTS, required=True, default="technical")
    source = fields.Char(string="Taken From", help="Where it was agreed: requirement, clause, contract.")
    requirement_id = fields.Many2one(
        "kams.requirement", string="Requirement", ondelete="set null", index="btree_not_null", readonly=True
    )
    clause_id = fields.Many2one(
        "kams.tender.clause", string="Clause", ondelete="set null", index="btree_not_null", readonly=True
    )
    # What it is
    result = fields.Selection(RESULTS, string="Inspection Result", copy=False, help="Empty: not looked at yet.")
    evidence = fields.Text(string="Proof", copy=False, help="What was measured or seen, and where it is recorded.")
    file_ids = fields.Many2many(
        "ir.attachment", "kams_acceptance_criterion_file_rel", string="Files", copy=False, help="Reports and pictures."
    )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        criteria = super().create(vals_list)
        criteria.acceptance_id._check_free()
        return criteria

    def write(self, vals):
        (self.acceptance_id | self.acceptance_id.browse(vals.get("acceptance_id") or ()))._check_free()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_free(self):
        self.acceptance_id._check_free()

    # BUSINESS
    def _short(self):
        words = " ".join((self.item or "").split())
        return words if len(words) <= 60 else f"{words[:57]}…"

    def _check_files_free(self, name):
        self.acceptance_id._check_free()

    @api.model
    def _import_columns(self):
        return [
            ("acceptance_id", self.env._("Final Acceptance")),
            ("sequence", "1"),
            ("item", self.env._("Heat rate at full load")),
            ("standard", self.env._("At most 7,900 kJ/kWh, measured over 8 hours")),
            ("aspect", "technical"),
            ("source", self.env._("Technical agreement 3.2")),
            ("result", ""),
            ("evidence", ""),
        ]
