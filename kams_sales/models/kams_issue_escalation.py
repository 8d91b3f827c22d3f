from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.communication import level_reached
from .kams_issue import LEVELS

ACTIVITY_TYPE = "kams_sales.mail_activity_type_issue"
SAID = {"state", "user_id", "date_due", "name", "escalated_to_id", "escalation_level"}
STAMPS = {"escalation_level", "escalated_on", "escalated_to_id", "solved_on", "closed_on"}
BATCH = 200


class KamsIssue(models.Model):
    """An issue that nobody solves climbs: after so many days a level, whoever stands above is asked (8.5 升级).

    How many days, by severity, is a dated parameter (``issue_days_minor``, ``_major``, ``_critical``).
    """

    _inherit = "kams.issue"
    _stamps = frozenset(STAMPS)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        issues = super().create(
            [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        )
        issues._sync_activities()
        return issues

    def write(self, vals):
        if not self._in_hand():
            vals = {name: value for name, value in vals.items() if name not in STAMPS}
        stamps = self._stamps_of(vals) if "state" in vals else {}
        result = super().write(vals)
        for issue, stamp in stamps.items():
            issue._engine().write(stamp)
        if not SAID.isdisjoint(vals):
            self._sync_activities()
        return result

    # ACTIONS
    def action_solve(self):
        """We have solved it; whether it satisfies the customer is theirs to say."""
        return self.write({"state": "solved"})

    def action_close(self):
        """The customer agrees that it is solved; with issues of ours, we do."""
        return self.write({"state": "closed"})

    def action_open_again(self):
        """Back to work on it. What was closed is taken up again with a reason."""
        if any(issue.state == "closed" for issue in self):
            self.ensure_one()
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Reopen"),
                "res_model": "kams.issue.reopen",
                "view_mode": "form",
                "target": "new",
                "context": {"default_issue_id": self.id},
            }
        return self.write({"state": "open"})

    def action_escalate(self):
        """Ask whoever stands above, before the days are over."""
        self.check_access("write")
        for issue in self:
            if issue.state != "open" or issue.escalation_level == LEVELS[-1][0]:
                raise UserError(
                    self.env._("“%s” is solved, or is with the management already: nobody stands above.", issue.name)
                )
        self._climb({issue.id: int(issue.escalation_level) + 1 for issue in self})
        return True

    # BUSINESS
    def _stamps_of(self, vals):
        """What a step needs is there; ``{issue: what it leaves}``: solved on what day, agreed on what day."""
        today, target = fields.Date.context_today(self), vals["state"]
        stamps = {}
        for issue in self:
            if target in ("solved", "closed") and not (vals.get("solution") or issue.solution or "").strip():
                raise UserError(self.env._("Write down how “%s” was solved first.", issue.name))
            if target == "open" and issue.state == "closed":
                reason = (vals.get("reopened_because") or "").strip()
                if not reason:
                    raise UserError(self.env._("Use “Reopen” to take up “%s” again, and say why.", issue.name))
                issue.message_post(body=self.env._("Taken up again: %s", reason))
            stamps[issue] = {
                "solved_on": False if target == "open" else issue.solved_on or today,
                "closed_on": today if target == "closed" else False,
            }
        return stamps

    @api.model
    def _cron_escalate(self):
        """Issues that wait longer than their level allows go up, and those whose owner left are given to somebody."""
        today = fields.Date.context_today(self)
        issues = self.search([("state", "=", "open"), ("lead_id.active", "=", True), ("escalation_level", "!=", "3")])
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(issues))
        for first in range(0, len(issues), BATCH):
            batch = issues[first : first + BATCH]
            batch._escalate(today)
            batch.filtered(lambda issue: not issue.user_id.active)._sync_activities()
            if not progress._commit_progress(len(batch)):
                break

    def _escalate(self, today):
        rules = self.env["kams.legal.rule"]
        days = {severity: rules._value(f"issue_days_{severity}", today) for severity in set(self.mapped("severity"))}
        levels = {}
        for issue in self:
            level, since = int(issue.escalation_level), issue.escalated_on or issue.raised_on
            # one level a day: whoever is asked today gets a chance before the next one is
            if level_reached(level, since, today, days[issue.severity]) > level:
                levels[issue.id] = level + 1
        self.browse(levels)._climb(levels)

    def _climb(self, levels):
        """Take these issues up to their new levels: whoever stands there is asked, or the next one above.

        :param levels: ``{issue id: level}``
        """
        today = fields.Date.context_today(self)
        for issue in self:
            level = levels[issue.id]
            while not (person := issue._person_at(level)) and level < int(LEVELS[-1][0]):
                level += 1
            issue._engine().write({"escalation_level": str(level), "escalated_on": today, "escalated_to_id": person.id})

    def _person_at(self, level):
        """Who is asked at a level, if there is somebody who still works here and may see the deal's company."""
        # sudo: who leads the delivery, the deal, its team and the sales department, for whoever escalates
        issue = self.sudo()
        directors = self.env.ref("kams_sales.group_director").sudo().all_user_ids.sorted("id")
        account = issue.lead_id.kams_account_id
        people = {
            0: issue.user_id,
            1: issue.delivery_id.user_id or issue.lead_id.user_id,
            2: issue.lead_id.team_id.user_id or directors[:1],
            3: directors.filtered(lambda one: one != issue.escalated_to_id) or account.manager_id,
        }[level]
        root = self.env.ref("base.user_root")
        company = issue.company_id
        return (
            people.filtered(lambda one: one.active and one != root and (not company or company in one.company_ids))[:1]
        ).with_env(self.env)

    def _asked(self):
        """Who is to do something now: whoever it was escalated to, else its owner, else who leads the delivery."""
        for person in (self.escalated_to_id, self.user_id, self._person_at(1), self._person_at(2)):
            if person.active:
                return person
        return self.env["res.users"]

    def _sync_activities(self):
        """One activity for each open issue, with whoever is asked; done when it is solved."""
        type_id = self.env.ref(ACTIVITY_TYPE).id
        found = self.env["mail.activity"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("activity_type_id", "=", type_id)]
        )
        found = found.grouped("res_id")
        today = fields.Date.context_today(self)
        missing = []
        for issue in self:
            activities = found.get(issue.id, self.env["mail.activity"])
            person = issue._asked()
            if issue.state != "open":
                activities.action_feedback(feedback=issue.solution)
            elif not issue.lead_id.active or not person:
                activities.unlink()
            else:
                values = {
                    "summary": issue.name,
                    "user_id": person.id,
                    "date_deadline": issue.date_due or today,
                }
                stale = activities.filtered(lambda one, person=person: one.user_id != person)
                if kept := (activities - stale)[:1]:
                    kept.write({name: value for name, value in values.items() if name != "user_id"})
                else:
                    missing.append({**values, "res_id": issue.id})
                stale.unlink()
        # in their list is enough: no mail besides
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    **values,
                    "automated": True,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "activity_type_id": type_id,
                }
                for values in missing
            ]
        )
