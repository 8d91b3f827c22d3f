from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmLead(models.Model):
    """What we did for a customer leads to the next deal: a new lead says which deal it comes from (8.6 增购).

    The origin is a plain column: whoever has none pays nothing for it.
    """

    _inherit = "crm.lead"

    kams_origin_lead_id = fields.Many2one(
        "crm.lead",
        string="Follows From",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        domain="[('kams_process_id', '!=', False), ('id', '!=', id)]",
        help="The deal in which this need came up.",
    )
    kams_follow_on_ids = fields.One2many("crm.lead", "kams_origin_lead_id", string="Follow-On Leads")
    kams_follow_on_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Follow-On Leads")

    # CONSTRAINTS
    @api.constrains("kams_origin_lead_id")
    def _check_kams_origin(self):
        for lead in self.filtered("kams_origin_lead_id"):
            # sudo: only whether it is under a process
            if not lead.sudo().kams_origin_lead_id.kams_process_id:
                raise ValidationError(
                    self.env._(
                        "“%s” can only follow from a deal under a KAMS process: choose another one.", lead.display_name
                    )
                )
            if lead.sudo()._has_cycle("kams_origin_lead_id"):  # sudo: deals on the way that the user may not see
                raise ValidationError(
                    self.env._("“%s” would follow from itself: choose another deal.", lead.display_name)
                )

    # ACTIONS
    def action_kams_follow_ons(self):
        """The leads that came of this deal."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Follow-On Leads"),
            "res_model": "crm.lead",
            "view_mode": "list,kanban,form",
            "domain": [("kams_origin_lead_id", "=", self.id)],
            "context": {"active_test": False, "create": False},
        }

    def action_kams_make_follow_on(self):
        """Write down what this customer needs next."""
        self.ensure_one()
        self.check_access("read")
        return self.env["kams.follow.on"]._open(self.partner_id.commercial_partner_id, lead=self)

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        counted = """
            SELECT kams_origin_lead_id, count(*) FROM crm_lead
             WHERE kams_origin_lead_id = ANY(%(ids)s) GROUP BY kams_origin_lead_id
        """
        return {**super()._kams_chapter_counts(), "kams_follow_on_count": counted}

    def _merge_get_fields_specific(self):
        """Leads that become one keep where the first of them came from."""
        return {**super()._merge_get_fields_specific(), "kams_origin_lead_id": self._kams_merged_origin}

    @api.model
    def _kams_merged_origin(self, name, leads):
        """Nothing follows from itself: an origin that is merged along is none."""
        origins = [lead.kams_origin_lead_id for lead in leads if lead.kams_origin_lead_id not in leads]
        return next((origin.id for origin in origins if origin), False)

    def _merge_dependences(self, opportunities):
        """What followed from the deals that are merged follows from the one that remains."""
        result = super()._merge_dependences(opportunities)
        if opportunities.kams_process_id:
            # sudo: whoever may merge deals takes along what followed from them, seen or not
            followers = self.sudo().with_context(active_test=False)
            followers = followers.search([("kams_origin_lead_id", "in", opportunities.ids), ("id", "!=", self.id)])
            followers.kams_origin_lead_id = self
        return result
