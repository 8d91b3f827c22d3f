from odoo import models

from .kams_proposal_chapter import SYNC
from .mail_activity import moved_to


class MailActivity(models.Model):
    """An activity of a chapter takes its chapter along: done, handed over or moved. Others cost nothing."""

    _inherit = "mail.activity"

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if moved := moved_to(vals):
            self._kams_chapters().write(moved)
        return result

    # BUSINESS
    def _action_done(self, feedback=False, attachment_ids=None):
        chapters = self._kams_chapters()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        chapters.write({"state": "done"})
        return result

    def _kams_chapters(self):
        """The chapters whose activities these are; asks only for activities of chapters."""
        chapters = self.env["kams.proposal.chapter"]
        if self.env.context.get(SYNC):
            return chapters
        ours = self.filtered(lambda one: one.res_model == "kams.proposal.chapter")
        if not ours:
            return chapters
        # sudo: who has an activity may close it, also without the right to write the chapter, as Odoo has it
        found = chapters.sudo().with_context(**{SYNC: True})
        return found.search([("activity_id", "in", ours.ids), ("proposal_id.state", "in", ("draft", "review"))])
