from datetime import datetime, time, timedelta

from markupsafe import Markup

from odoo import Command, api, fields, models

# How quiet it is: a project of 200 tasks isn't 200 mails; Odoo's own copy of a project is as quiet
QUIET = {
    "mail_auto_subscribe_no_notify": True,
    "mail_create_nosubscribe": True,
    "mail_create_nolog": True,
    "tracking_disable": True,
}
STAGES = [(5, False), (10, False), (15, False), (20, True)]
NOON = time(12)  # the same day in all time zones but the last
PLACES = ("arrival", "preliminary", "final")


class KamsDelivery(models.Model):
    """From the contract to the project: milestones, phases, tasks, promises and payments in one batch (8.2, 8.3).

    Whoever may make a delivery gets its project with it, though Odoo lets only project managers of its own make
    projects: what is made by sudo is made of this delivery alone.
    """

    _inherit = "kams.delivery"

    promise_ids = fields.Many2many("kams.handover.line", string="Promises", compute="_compute_promise_ids")

    # COMPUTES
    @api.depends("handover_id")
    @api.depends_context("uid")
    def _compute_promise_ids(self):
        """What sales promised, with the tasks that keep it."""
        promises = self.env["kams.handover.line"]
        if promises.has_access("read"):
            domain = [("section", "=", "promise"), ("left_out", "=", False)]
            promises = promises.search([("handover_id", "in", self.handover_id.ids), *domain])
        of = promises.grouped("handover_id")
        for delivery in self:
            delivery.promise_ids = of.get(delivery.handover_id._origin, promises.browse())

    # ACTIONS
    def action_take_promises(self):
        """What was promised and has no task yet becomes a task."""
        self.check_access("write")
        return self._tell_taken(sum(len(delivery._take_promises()) for delivery in self))

    # BUSINESS
    @api.model
    def _tell_taken(self, number):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if number else "info",
                "message": self.env._("%s promises became tasks.", number)
                if number
                else self.env._("Every promise has its task already, or there is no project."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _make_plan(self, template=None, project=None, project_template=None, people=None, promises=True, risks=True):
        """Give the delivery its project, phases and tasks.

        :param template: the ``kams.delivery.template`` of phases and tasks
        :param project: an existing project to link
        :param project_template: Odoo's template to copy the project from
        :param people: ``{project.role id: user}``, who does the tasks of a role
        """
        self.ensure_one()
        self.check_access("write")
        people = people or {}
        self.project_id = project or self._project_of_order() or self._new_project(project_template, people)
        ready = self.project_id.sudo()  # sudo: it is the delivery's from now on, and shows its milestones and manager
        if not ready.allow_milestones:
            ready.allow_milestones = True
        if not ready.user_id and self.user_id:
            ready.user_id = self.user_id
        phases = self._plan_phases(template)
        if template:
            self._plan_tasks(template, phases, people)
        if promises:
            self._take_promises()
        self._expect_payments()
        if risks and hasattr(self, "_take_risks"):
            self._take_risks()
        if hasattr(self, "_plan_acceptances"):
            self._plan_acceptances()
        return self.project_id

    def _project_of_order(self):
        """The project that the order's services made, if no other delivery has it.

        sudo: who delivers can't open the order; only the project is taken from it.
        """
        order = self.contract_id.sudo().order_id
        projects = order.project_ids.filtered(lambda project: project.active and not project.is_template)
        taken = self.sudo().search([("project_id", "in", projects.ids)]).project_id
        return (projects - taken)[:1].sudo(False)

    def _new_project(self, project_template, people):
        """A project of its own, from Odoo's template or bare."""
        values = self._project_values()
        # sudo: see the class; the values are the delivery's
        projects = self.env["project.project"].sudo().with_context(**QUIET)
        if project_template:
            mapping = self.env["project.template.role.to.users.map"].sudo()  # sudo: as above, rows of this call alone
            rows = mapping.create(
                [{"role_id": role, "user_ids": [Command.link(user.id)]} for role, user in people.items() if user]
            )
            project = project_template.sudo().with_context(**QUIET).action_create_from_template(values, rows)
            project.allow_milestones = True
        else:
            types = [
                Command.create({"name": name, "sequence": sequence, "fold": fold})
                for name, (sequence, fold) in zip(self._stage_names(), STAGES, strict=True)
            ]
            project = projects.create({**values, "type_ids": types})
        if not project.account_id:
            account = self.contract_id.sudo().order_id.project_account_id  # sudo: where costs of the order are booked
            # a second project of the order books its costs apart, or neither's would be known
            if account and not projects.search_count([("account_id", "=", account.id)], limit=1):
                project.account_id = account
            else:
                project._create_analytic_account()
        return project.sudo(False).with_context(self.env.context)

    @api.model
    def _stage_names(self):
        return [self.env._("To Do"), self.env._("In Progress"), self.env._("Done"), self.env._("Cancelled")]

    def _project_values(self):
        self.ensure_one()
        values = {
            "name": self.name,
            "partner_id": self.customer_id.id,
            "user_id": self.user_id.id,
            "company_id": (self.company_id or self.env.company).id,
            "allow_milestones": True,
            "allow_billable": True,
        }
        if self.date_start and self.date_end:
            values |= {"date_start": self.date_start, "date": self.date_end}
        order = self.contract_id.sudo().order_id  # sudo: which order the project carries out
        if order:
            values["reinvoiced_sale_order_id"] = order.id
        return values

    def _plan_phases(self, template):
        """Phases on milestones: those of the template, and those that the project has already.

        :return: ``{template phase: phase}``
        """
        self.ensure_one()
        # sudo: the milestones of the delivery's own project, whose name and day are the phase's
        milestones = self.env["project.milestone"].sudo().with_context(**QUIET)
        present = milestones.search([("project_id", "=", self.project_id.id)])
        taken = self.phase_ids.milestone_id
        homeless = self.phase_ids.filtered(lambda phase: not phase.milestone_id)
        by_name = {milestone.name.strip().lower(): milestone for milestone in reversed(present - taken)}
        start = self.date_start or fields.Date.context_today(self)
        lines = template.phase_ids if template else self.env["kams.delivery.template.phase"]
        rows, missing = [], []
        for place, line in enumerate(lines, 1):
            values = self._phase_values(line, start, place)
            milestone = by_name.pop(line.name.strip().lower(), None)
            rows.append((line, values, milestone))
            if not milestone:
                missing.append(
                    {
                        "project_id": self.project_id.id,
                        "name": line.name,
                        "sequence": 10 * place,
                        "deadline": values["baseline_end"],
                    }
                )
        made = iter(milestones.create(missing))
        values_list = []
        for _line, values, milestone in rows:
            if milestone and not milestone.deadline:
                milestone.deadline = values["baseline_end"]
            values_list.append({**values, "milestone_id": (milestone or next(made)).id})
        rest = [one.id for one in present if one in by_name.values()]
        values_list += [
            {
                "delivery_id": self.id,
                "milestone_id": milestone.id,
                "name": milestone.name,
                "sequence": 10 * place,
                "baseline_end": milestone.deadline,
            }
            for place, milestone in enumerate(present.browse(rest), len(rows) + 1)
        ]
        if homeless:  # the project that they had was deleted
            anew = milestones.create(
                [
                    {
                        "project_id": self.project_id.id,
                        "name": phase.name,
                        "sequence": phase.sequence,
                        "deadline": phase.baseline_end,
                    }
                    for phase in homeless
                ]
            )
            for phase, milestone in zip(homeless, anew, strict=True):
                phase.milestone_id = milestone
        phases = self.env["kams.delivery.phase"].create(values_list)
        if not self.date_end and (ends := [day for day in phases.mapped("baseline_end") if day]):
            self.date_end = max(ends)
        return dict(zip(lines, phases, strict=False))

    def _phase_values(self, line, start, place):
        return {
            "delivery_id": self.id,
            "name": line.name,
            "sequence": 10 * place,
            "weight": line.weight,
            "user_id": self.user_id.id,
            "baseline_start": start + timedelta(days=line.offset),
            "baseline_end": start + timedelta(days=line.offset + line.duration - 1),
            "acceptance_kind": line.acceptance_kind,
            "needs_acceptance": line.needs_acceptance,
        }

    def _plan_tasks(self, template, phases, people):
        """The tasks of the template on their milestones, with the people who have the roles: one batch."""
        # sudo: tasks of the delivery's own project, whoever of sales or delivery makes it
        tasks = self.env["project.task"].sudo().with_context(**QUIET, default_project_id=self.project_id.id)
        return tasks.create(
            [
                {
                    "project_id": self.project_id.id,
                    "name": line.name,
                    "description": line.description and Markup("<p>%s</p>") % line.description,
                    "sequence": 10 * place,
                    "allocated_hours": line.hours,
                    "milestone_id": phases[line.phase_id].milestone_id.id,
                    "user_ids": [Command.set(people.get(line.role_id.id, self.env["res.users"]).ids)],
                    "date_deadline": datetime.combine(phases[line.phase_id].baseline_end, NOON),
                }
                for place, line in enumerate(template.phase_ids.task_ids, 1)
            ]
        )

    def _take_promises(self):
        """What sales promised, as tasks of whoever has to keep it; what has a task already isn't taken again."""
        self.ensure_one()
        tasks = self.env["project.task"].sudo().with_context(**QUIET)  # sudo: as the other tasks of the delivery
        handover = self.handover_id
        if not self.project_id or not handover or not handover.has_access("read"):
            return tasks.sudo(False)
        lines = handover.line_ids.filtered(
            lambda line: line.section == "promise" and not line.left_out and not line.task_id
        )
        ours = self.role_ids.user_id | self.user_id
        phases = self.phase_ids.filtered("baseline_end").sorted("baseline_end")
        values_list = []
        for line in lines:
            due = line.date_due
            phase = due and next((one for one in phases if one.baseline_end >= due), phases[-1:])
            owner = line.user_id if line.user_id in ours else self.user_id
            said = [
                line.name,
                line.note,
                line.user_id and line.user_id != owner and self.env._("Who knows: %s", line.user_id.name),
            ]
            values_list.append(
                {
                    "project_id": self.project_id.id,
                    "name": self.env._("Promise: %s", line.display_name),
                    "description": Markup().join(Markup("<p>%s</p>") % words for words in said if words),
                    "user_ids": [Command.set(owner.ids)],
                    "date_deadline": due and datetime.combine(due, NOON),
                    "milestone_id": phase.milestone_id.id if phase else False,
                    "priority": "1",
                }
            )
        made = tasks.create(values_list)
        lines._note_tasks(made)
        return made.sudo(False)

    def _expect_payments(self):
        """Payments that fall due upon an acceptance are expected when the phase that ends with it does.

        sudo: payments are finance's and sales'; only a day that nobody has typed is filled in.
        """
        phases = self.phase_ids
        for milestone in self.contract_id.sudo().milestone_ids.filtered(
            lambda one: one.trigger in PLACES and not one.trigger_planned and not one.trigger_date
        ):
            ends = [phase.baseline_end for phase in phases if phase.acceptance_kind == milestone.trigger]
            if any(ends):
                milestone.trigger_planned = max(filter(None, ends))
