from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain


class CrmTeam(models.Model):
    """A sales team gives its new deals the process that it works by."""

    _inherit = "crm.team"

    kams_process_id = fields.Many2one(
        "kams.process",
        string="KAMS Process",
        domain="[('state', '=', 'active'), '|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        help="New deals of this team run under this process. Deals that exist already join through “Adopt KAMS”.",
    )

    @api.constrains("kams_process_id")
    def _check_kams_process(self):
        for team in self:
            if team.kams_process_id and team.kams_process_id.state != "active":
                raise ValidationError(
                    self.env._(
                        "Team %(team)s cannot work by %(process)s: only an active process takes new deals.",
                        team=team.name,
                        process=team.kams_process_id.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        if teams.kams_process_id:  # asked afterwards: a default may have set it
            self._check_may_bind()
            self.env.registry.clear_cache()
        return teams

    def write(self, vals):
        if "kams_process_id" in vals and any(team.kams_process_id.id != vals["kams_process_id"] for team in self):
            self._check_may_bind()
        result = super().write(vals)
        if "kams_process_id" in vals:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        lead = self.env["crm.lead"]
        deal_ids = lead._kams_ids_linked("team_id", self)
        result = super().unlink()
        lead._kams_note_lost_link(deal_ids, "team")
        return result

    # BUSINESS
    @api.model
    @tools.ormcache()
    def _kams_bound_ids(self):
        """Ids of the teams that work by a process, at hand: whether a lead is ours costs no query.

        sudo: nothing else of the teams is read.
        """
        return frozenset(self.sudo().with_context(active_test=False).search([("kams_process_id", "!=", False)])._ids)

    @api.model
    def _get_default_team_id(self, user_id=False, domain=False):
        """In the Key Accounts pipeline a new deal lands in a team that works by a process."""
        team = super()._get_default_team_id(user_id=user_id, domain=domain)
        if not self.env.context.get("kams_pipeline") or team.kams_process_id:
            return team
        bound = Domain(domain or Domain.TRUE) & Domain("kams_process_id", "!=", False)
        own = super()._get_default_team_id(user_id=user_id, domain=bound)
        if not own.kams_process_id:
            # leads too, where no such team is said to use leads: elsewhere they would be lost from sight
            own = self.search(bound, limit=1) or self.search([("kams_process_id", "!=", False)], limit=1)
        return own or team

    @api.model
    def _check_may_bind(self):
        """Whose word it is under which process a team sells."""
        if not (self.env.su or self.env.user.has_group("kams_sales.group_director")):
            raise AccessError(self.env._("Only a sales director decides under which process a team sells."))

    def action_kams_adopt(self):
        """Start, or go on with, bringing this team's pipeline under a process."""
        self.ensure_one()
        return self.env["kams.adoption"]._action_for_team(self)
