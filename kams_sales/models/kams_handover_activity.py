from odoo import fields, models

ACCEPT = "kams_sales.mail_activity_type_handover"
ANSWER = "kams_sales.mail_activity_type_handover_question"


class KamsHandover(models.Model):
    """Who has to do something about a handover finds it among their activities: delivery first, then sales (7.7)."""

    _inherit = "kams.handover"

    # BUSINESS
    def _sync_activities(self):
        """Let the activities say what the handover waits for."""
        today = fields.Date.context_today(self)
        # in their list is enough: no mail besides
        for handover in self.with_context(mail_activity_quick_update=True):
            waiting = handover.activity_ids.filtered(lambda one: one.activity_type_id == self.env.ref(ACCEPT))
            if handover.state == "sent":
                person = handover.delivery_user_id
                if stale := waiting.filtered(lambda one, person=person: one.user_id != person):
                    stale.sudo().unlink()  # sudo: of this handover, which the user may write; it now asks another
                if person and not waiting - stale:
                    handover.activity_schedule(
                        ACCEPT,
                        date_deadline=handover.date_due or today,
                        summary=self.env._("Accept the handover"),
                        user_id=person.id,
                    )
            elif handover.state == "accepted":
                handover.activity_feedback([ACCEPT, ANSWER])
            elif waiting:
                waiting.sudo().unlink()  # sudo: of this handover, which the user may write; nobody waits for it now
            if handover.state == "sent_back" and handover.user_id:
                handover.activity_schedule(
                    ANSWER,
                    date_deadline=today,
                    summary=self.env._("Delivery sent the handover back"),
                    user_id=handover.user_id.id,
                )
            elif handover.state == "sent":
                handover._sync_questions()

    def _sync_questions(self):
        """Sales is asked once, however many questions there are, until all are answered."""
        today = fields.Date.context_today(self)
        for handover in self.with_context(mail_activity_quick_update=True):
            asked = handover.line_ids.filtered(lambda line: line.is_asked and not line.left_out)
            waiting = handover.activity_ids.filtered(lambda one: one.activity_type_id == self.env.ref(ANSWER))
            if asked and not waiting and handover.user_id:
                handover.activity_schedule(
                    ANSWER,
                    date_deadline=today,
                    summary=self.env._("Answer delivery's questions"),
                    user_id=handover.user_id.id,
                )
            elif waiting and not asked and handover.state == "sent":
                handover.activity_feedback([ANSWER])
