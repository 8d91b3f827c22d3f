import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)
BATCH = 200
# How a deal enters a phase that it is to work through; what was adopted, imported or sent back knows its tasks
ENTERED = ("created", "joined", "forward", "skip", "waived", "won")


class CrmLead(models.Model):
    """Entering a phase plans its key tasks, once per deal, for the deal's salesperson.

    Book sections 3.2 and 4.1. The move itself pays nothing: the history knows what was entered, and a job plans
    the tasks right after the commit. The job finds them by itself too, so nothing is lost if it is interrupted.
    """

    _inherit = "crm.lead"

    kams_launched_phase_ids = fields.Many2many(
        "kams.process.phase",
        "kams_deal_launched_phase",
        "lead_id",
        "phase_id",
        string="Phases with Their Tasks Planned",
        copy=False,
        readonly=True,
    )

    # ACTIONS
    def action_kams_key_tasks(self):
        """Plan those activities of the present phase that are not planned yet."""
        self.ensure_one()
        phase = self.kams_phase_id
        plan = phase.activity_plan_id
        if not plan:
            raise UserError(self.env._("Phase %s has no key tasks to plan.", phase.name or ""))
        if plan.template_ids and not self._kams_tasks_left(plan):
            raise UserError(
                self.env._(
                    "All key tasks of phase %(phase)s are planned on %(deal)s.", phase=phase.name, deal=self.name
                )
            )
        return self._kams_schedule(self.env._("Plan Key Tasks"), default_plan_id=plan.id)

    # BUSINESS
    def _merge_dependences(self, opportunities):
        """Tasks that the remaining deal has already don't come twice."""
        if self.kams_process_id and opportunities.kams_process_id:
            known = {(type_id, summary) for _id, type_id, summary in self._kams_known_tasks(self.ids)}
            # sudo: whoever may merge the deals takes along all that belongs to them
            self.env["mail.activity"].sudo().search(
                [("res_model", "=", self._name), ("res_id", "in", opportunities.ids)]
            ).filtered(
                lambda activity: activity.summary and (activity.activity_type_id.id, activity.summary) in known
            ).unlink()
            self._kams_mark_launched(
                [(self.id, phase.id) for phase in opportunities.sudo().kams_launched_phase_ids]  # sudo: as above
            )
        return super()._merge_dependences(opportunities)

    @api.model
    def _kams_note_entered(self, phase_ids):
        """Deals entered these phases: once it is committed, have their tasks planned. No query."""
        phase = self.env["kams.process.phase"]
        if any(phase._launches(id_) for id_ in phase_ids):
            data = self.env.cr.postcommit.data
            if not data.get("kams.tasks"):
                data["kams.tasks"] = True
                self.env.cr.postcommit.add(self._kams_trigger_key_tasks)

    @api.model
    def _kams_trigger_key_tasks(self):
        """Wake the job, in a transaction of its own: what was done is committed, whatever happens here."""
        try:
            with self.pool.cursor() as cr:
                cron = api.Environment(cr, SUPERUSER_ID, {}).ref(
                    "kams_sales.ir_cron_key_tasks", raise_if_not_found=False
                )
                if cron:
                    cron._trigger()
        except Exception:
            _logger.warning("Key tasks will be planned by the next hourly run.", exc_info=True)

    @api.model
    def _cron_kams_key_tasks(self):
        """Plan the key tasks of deals that entered a phase, in batches that each stand for themselves."""
        while batch := self._kams_deals_to_launch():
            self._kams_launch(batch)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return

    @api.model
    def _kams_deals_to_launch(self):
        """``[(deal id, phase id, plan id, user id, language)]`` of deals whose phase was entered, not yet planned.

        A deal is won when it enters delivery, and its tasks begin there.

        Two stages may stand for one phase after adoption: then its plan is launched on the first of them.
        """
        self.flush_model()
        self.env["kams.process.phase"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT l.id, f.id, f.activity_plan_id, u.id, person.lang
                  FROM kams_deal_history h
                  JOIN kams_deal_history entry ON entry.lead_ref = h.lead_ref AND entry.valid_from = h.phase_since
                  JOIN crm_lead l ON l.id = h.lead_ref AND l.active
                  JOIN kams_process_phase f ON f.id = h.phase_id AND f.launch_tasks
                  JOIN mail_activity_plan plan ON plan.id = f.activity_plan_id AND plan.active
                  JOIN res_users u ON u.id = l.user_id AND u.active
                  JOIN res_partner person ON person.id = u.partner_id
                 WHERE h.valid_to IS NULL
                   AND (h.status = 'open' OR h.status = 'won' AND f.code = 'delivery' AND l.kams_finished_on IS NULL)
                   AND entry.reason IN %s AND entry.reconstructed IS NOT TRUE AND l.kams_imported IS NOT TRUE
                   AND NOT EXISTS (
                       SELECT FROM kams_deal_launched_phase launched
                         JOIN kams_process_phase earlier ON earlier.id = launched.phase_id
                        WHERE launched.lead_id = l.id
                          AND (earlier.id = f.id OR earlier.activity_plan_id = f.activity_plan_id)
                       )
              ORDER BY h.valid_from, l.id
                 LIMIT %s
                """,
                ENTERED,
                BATCH,
            )
        )

    @api.model
    def _kams_launch(self, batch):
        """Plan the tasks of these deals: a constant number of statements.

        :param batch: as :meth:`_kams_deals_to_launch` answers
        """
        plans = self.env["mail.activity.plan"].browse({plan_id for _id, _phase, plan_id, _user, _lang in batch})
        known = self._kams_known_tasks([row[0] for row in batch])
        today = fields.Date.context_today(self)
        tasks = {
            (plan.id, lang): [task._kams_task_values(today, lang) for task in plan.template_ids]
            for plan in plans
            for lang in {row[4] for row in batch if row[2] == plan.id}
        }
        self._kams_plan_activities(
            [
                {"res_id": lead_id, "user_id": user_id, "automated": False, **values}
                for lead_id, _phase_id, plan_id, user_id, lang in batch
                for values in tasks[plan_id, lang]
                if (lead_id, values["activity_type_id"], values["summary"]) not in known
            ]
        )
        self._kams_mark_launched([row[:2] for row in batch])

    @api.model
    def _kams_mark_launched(self, pairs):
        """Remember which deals had the tasks of which phase planned: ``[(deal id, phase id)]``."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO kams_deal_launched_phase (lead_id, phase_id)
                SELECT * FROM unnest(%s::int[], %s::int[])
                ON CONFLICT DO NOTHING RETURNING lead_id
                """,
                [lead_id for lead_id, _phase_id in pairs],
                [phase_id for _lead_id, phase_id in pairs],
            )
        )
        self.invalidate_model(["kams_launched_phase_ids"], flush=False)

    @api.model
    def _kams_known_tasks(self, lead_ids):
        """``{(deal id, activity type id, summary)}`` of what is or was planned on these deals.

        sudo: also what colleagues do, so that nothing is planned twice; nothing is shown.
        """
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        found = activities.search_fetch(
            [("res_model", "=", self._name), ("res_id", "in", lead_ids)], ["res_id", "activity_type_id", "summary"]
        )
        return {(activity.res_id, activity.activity_type_id.id, activity.summary) for activity in found}

    def _kams_tasks_left(self, plan):
        """The tasks of a plan that are not planned on this deal yet, in no language."""
        known = {(type_id, summary) for _id, type_id, summary in self._kams_known_tasks(self.ids)}
        languages = {code for code, _name in self.env["res.lang"].get_installed()}
        return plan.template_ids.filtered(
            lambda task: not any((task.activity_type_id.id, task._kams_words(lang)[0]) in known for lang in languages)
        )
