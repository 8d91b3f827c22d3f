from odoo import api, fields, models
from odoo.exceptions import UserError


class KamsFollowOn(models.TransientModel):
    """An idea for the next deal, from whoever hears it first: it becomes a lead that says where it came from (8.6).

    Delivery hears most of them and may write no leads: theirs go to the deal's salesperson.
    """

    _name = "kams.follow.on"
    _description = "Follow-on lead"

    lead_id = fields.Many2one("crm.lead", string="Follows From", readonly=True, ondelete="cascade")
    action_id = fields.Many2one("kams.plan.action", string="Action", readonly=True, ondelete="cascade")
    customer_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade")
    name = fields.Char(string="What They Need")
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        domain="[('id', 'child_of', customer_id)]",
        ondelete="cascade",
        help="Who of theirs said so.",
    )
    note = fields.Text(string="What They Said")

    # ACTIONS
    def action_confirm(self):
        """Make the lead; who may read it sees it, the others are told whose it is."""
        self.ensure_one()
        if not (self.name or "").strip():
            raise UserError(self.env._("Say in a line what %s needs.", self.customer_id.display_name))
        origin = self.lead_id
        if origin:
            origin.check_access("read")
        leads = self.env["crm.lead"]
        owner = self.env.user
        mine = leads.has_access("create")
        if not mine:
            # sudo: delivery hears what a customer needs and has no sales rights; the lead is the salesperson's,
            # and of theirs alone to read
            leads = leads.sudo()
            owner = origin.sudo().user_id or self.customer_id.sudo().user_id
        lead = leads.create(self._lead_values(owner))
        action = self.action_id.sudo()  # sudo: whoever carries out an action may say what came of it
        if action and not action.follow_on_id:
            action.follow_on_id = lead
        if not mine:
            lead.message_post(body=self.env._("%s heard of this need.", self.env.user.name))
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "success",
                    "message": self.env._(
                        "“%(lead)s” is a lead now. It is worked on by %(who)s.",
                        lead=lead.name,
                        who=owner.name or self.env._("nobody yet"),
                    ),
                    "next": {"type": "ir.actions.act_window_close"},
                },
            }
        return lead._get_records_action(name=lead.name)

    # BUSINESS
    @api.model
    def _open(self, customer, lead=None, action=None, contact=None, name=""):
        """The dialog, ready for an idea of this customer's."""
        if not customer:
            raise UserError(self.env._("Name the customer first: a lead says whose it is."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Make a Lead"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_lead_id": lead.id if lead else False,
                "default_action_id": action.id if action else False,
                "default_customer_id": customer.id,
                "default_partner_id": contact.id if contact else False,
                "default_name": name,
            },
        }

    def _lead_values(self, owner):
        """Origin, source, contact and a team by whose process it is worked on."""
        # sudo: which team and company the deal before belongs to
        origin = self.lead_id.sudo()
        company = origin.company_id or self.action_id.sudo().company_id or self.env.company
        # sudo: which teams there are
        teams = self.env["crm.team"].sudo()
        team = origin.team_id.filtered("kams_process_id")
        if not team:
            found = teams.search([("kams_process_id", "!=", False), ("company_id", "in", [False, company.id])])
            team = found.filtered(lambda one: owner in one.member_ids)[:1] or found[:1]
        source = self.env.ref("kams_sales.lead_source_upsell", raise_if_not_found=False)
        values = {
            "name": self.name.strip(),
            "partner_id": (self.partner_id or self.customer_id).id,
            "company_id": company.id,
            "user_id": owner.id,
            "kams_origin_lead_id": origin.id,
            "description": self.note,
        }
        if team:
            values["team_id"] = team.id
        if source:
            values["kams_lead_source_id"] = source.id
        return values
