from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .crm_lead_gate import InternalPass

LAST = "delivery"
STAMPS = {"kams_finished_on", "kams_finished_by_id"}
# What may take a finished deal back to where it isn't won any more
MOVES = {"stage_id", "kams_phase_id", "kams_process_id", "active", "probability", "lost_reason_id"}
HAND, ENGINE = "kams_finish_engine", InternalPass("finish")


class CrmLead(models.Model):
    """A deal that is won isn't finished: it is when what was promised has arrived, was accepted and is paid (8.8).

    The last phase has nothing to move on to, so its control points are asked here: the same points, the same checks,
    the same waivers, and one message that names all that is missing.
    """

    _inherit = "crm.lead"

    kams_finished_on = fields.Date(string="Finished On", readonly=True, copy=False)
    kams_finished_by_id = fields.Many2one(
        "res.users", string="Finished By", readonly=True, copy=False, ondelete="set null"
    )
    kams_is_unfinished = fields.Boolean(
        string="Won, Not Finished",
        compute="_compute_kams_is_unfinished",
        search="_search_kams_is_unfinished",
        help="What was sold is still to be delivered, accepted or paid.",
    )

    # COMPUTES
    @api.depends("won_status", "kams_finished_on", "kams_process_id", "kams_imported")
    def _compute_kams_is_unfinished(self):
        for lead in self:
            lead.kams_is_unfinished = bool(
                lead.kams_process_id
                and lead.won_status == "won"
                and not lead.kams_finished_on
                and not lead.kams_imported
            )

    @api.model
    def _search_kams_is_unfinished(self, operator, value):
        if operator != "in":
            return NotImplemented
        unfinished = Domain(
            [
                ("kams_process_id", "!=", False),
                ("won_status", "=", "won"),
                ("kams_finished_on", "=", False),
                ("kams_imported", "=", False),
            ]
        )
        return unfinished if True in value else ~unfinished

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, **dict.fromkeys(STAMPS, False)} for vals in vals_list])

    def write(self, vals):
        if not STAMPS.isdisjoint(vals) and self.env.context.get(HAND) is not ENGINE:
            raise UserError(
                self.env._("“%s” is finished by its button, which looks at its control points.", self[:1].display_name)
            )
        result = super().write(vals)
        if not MOVES.isdisjoint(vals) and (ids := self._kams_maybe_deals()):
            back = self.browse(ids).filtered(lambda lead: lead.kams_finished_on and lead.won_status != "won")
            back._kams_set_finished(False)
        return result

    # ACTIONS
    def action_kams_finish(self):
        """Finish these deals: nothing of the delivery phase may be missing that wasn't waived.

        :raise UserError: naming each deal and all that it lacks; none is finished then
        """
        self.check_access("write")
        demands, process_of = {}, {}
        for lead in self:
            if not lead.kams_process_id or lead.won_status != "won" or not lead.stage_id.is_won:
                raise UserError(
                    self.env._("“%s” isn't won under a KAMS process: there is nothing to finish.", lead.display_name)
                )
            phases = self.env["kams.process.phase"]._facts(lead.kams_process_id.id)
            demands[lead.id] = {phase.id for phase in phases if phase.code == LAST}
            process_of[lead.id] = lead.kams_process_id.id
        # sudo: a verdict rests on evidence the user may not see
        missing, waived = self.env["kams.control.check"].sudo()._judge(demands, process_of)
        if missing:
            raise UserError(self._kams_refusal(missing, finishing=True))
        self._kams_set_finished(fields.Date.context_today(self))
        for lead in self:
            points = ", ".join(waived[lead.id].point_id.mapped("display_name")) if lead.id in waived else False
            lead.message_post(
                body=self.env._("%(who)s finished this deal. Waived: %(points)s", who=self.env.user.name, points=points)
                if points
                else self.env._("%s finished this deal: what was promised has arrived.", self.env.user.name)
            )
        return True

    def action_kams_reopen_finished(self):
        """Take a deal up again that was finished too early; directors only, and its messages say who did."""
        if not self.env.user.has_group("kams_sales.group_director"):
            raise AccessError(self.env._("Only a sales director takes up a deal again that was finished."))
        self.check_access("write")
        finished = self.filtered("kams_finished_on")
        finished._kams_set_finished(False)
        for lead in finished:
            lead.message_post(body=self.env._("%s took this deal up again: it isn't finished.", self.env.user.name))
        return True

    # BUSINESS
    def _kams_set_finished(self, day):
        if self:
            stamps = {"kams_finished_on": day, "kams_finished_by_id": bool(day) and self.env.uid}
            self.with_context(**{HAND: ENGINE}).write(stamps)
