from odoo import api, fields, models
from odoo.exceptions import UserError

SHOWN = 30


class KamsContractClausePaste(models.TransientModel):
    """Put the text of a contract into its clauses: pasted from Word or Excel, or from a spreadsheet (7.5).

    What is pasted is shown as it was understood before anything is recorded.
    """

    _name = "kams.contract.clause.paste"
    _description = "Add clauses of a contract"

    contract_id = fields.Many2one("kams.contract", required=True, readonly=True, ondelete="cascade")
    source = fields.Selection(
        [("paste", "Paste the Text"), ("file", "Import a Spreadsheet")], string="How", required=True, default="paste"
    )
    text = fields.Text(string="Text of the Contract", help="Paragraphs of a document, or rows of a table.")
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    number = fields.Integer(compute="_compute_preview", string="Clauses Found")

    # COMPUTES
    @api.depends("text", "contract_id")
    def _compute_preview(self):
        clauses = self.env["kams.contract.clause"]
        kinds = dict(clauses._fields["kind"]._description_selection(self.env))
        for paste in self:
            found = clauses._read_pasted(paste.text)
            paste.number = len(found)
            paste.preview = found and self.env["ir.qweb"]._render(
                "kams_sales.kams_contract_clause_preview",
                {"clauses": found[:SHOWN], "more": len(found) - SHOWN, "kinds": kinds},
            )

    # ACTIONS
    def action_confirm(self):
        """Record the clauses: where a standard waits for its words they go there, the others come after them."""
        self.ensure_one()
        found = self.env["kams.contract.clause"]._read_pasted(self.text)
        if not found:
            raise UserError(self.env._("Paste the contract first: its paragraphs, or the rows of a table."))
        self.contract_id._take_pasted(found)
        return self.contract_id.action_clauses()

    def action_import(self):
        """Odoo's import, with a template, for this contract."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "import",
            "name": self.env._("Import Contract Clauses"),
            "params": {
                "active_model": "kams.contract.clause",
                "context": {"default_contract_id": self.contract_id.id, "kams_keep_good_rows": True},
            },
        }
