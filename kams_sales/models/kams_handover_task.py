from odoo import fields, models

from .kams_handover import ENGINE, HAND


class KamsHandoverLine(models.Model):
    """A promise that was handed over is a task of the project that keeps it (8.2): which one is noted beside it."""

    _inherit = "kams.handover.line"

    task_id = fields.Many2one(
        "project.task",
        string="Task of the Promise",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )
    task_state = fields.Selection(related="task_id.state", string="State of the Task")

    # ORM
    def write(self, vals):
        if "task_id" in vals and not self.env["kams.handover"]._in_hand():
            vals = {name: value for name, value in vals.items() if name != "task_id"}
        return super().write(vals)

    # BUSINESS
    def _note_tasks(self, tasks):
        """Note the task of each, although the handover itself stays as it was accepted.

        sudo: who makes the project may only read a handover.
        """
        for line, task in zip(self.sudo().with_context(**{HAND: ENGINE}), tasks, strict=True):
            line.task_id = task
