from odoo import api, fields, models, tools
from odoo.exceptions import UserError


class KamsProcurementMode(models.Model):
    """How the customer buys: it decides which phases a deal goes through.

    A mode masks phases (0, fact 2): a direct purchase has no tendering phase. It also
    says how far a price may be negotiated, which chapter 7 reads.
    """

    _name = "kams.procurement.mode"
    _description = "Procurement mode"
    _inherit = ["kams.kept.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="The technical name that deals store.")
    sequence = fields.Integer(default=10)
    negotiation_scope = fields.Selection(
        [
            ("full", "Full"),
            ("non_substantive", "Only what the tender left open"),
            ("fixed_price", "One unchangeable price"),
        ],
        required=True,
        default="full",
        help="What may still be negotiated before the contract is signed.",
    )
    source = fields.Char(help="The statute or rule that the mode rests on.")

    _code_uniq = models.UniqueIndex("(code)", "Two procurement modes cannot share one code.")

    # ORM
    def write(self, vals):
        if "code" in vals:
            self.filtered(lambda mode: mode.code != vals["code"])._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        self._check_unused()

    # BUSINESS
    def _check_unused(self):
        """Refuse to take a mode from under deals, and from under processes in force: it masks their phases."""
        # sudo: used is used, whoever may see it
        deals = self.env["crm.lead"].sudo().with_context(active_test=False)
        phases = self.env["kams.process.phase"].sudo()
        for mode in self:
            if deals.search_count([("kams_procurement_mode", "=", mode.code)], limit=1) or phases.search_count(
                [("procurement_modes", "in", mode.ids), ("process_id.state", "!=", "draft")], limit=1
            ):
                raise UserError(
                    self.env._(
                        "Deals or processes in force rely on procurement mode %s: it stays, under the same code.",
                        mode.name,
                    )
                )

    @api.model
    @tools.ormcache("self.env.lang")
    def _selection(self):
        """The modes as a selection: ``[(code, label), ...]`` in the user's language."""
        # sudo: every user who sees a deal may see the names of the modes; nothing else is read
        return [(mode.code, mode.name) for mode in self.sudo().search([])]
