from odoo import api, fields, models

from .kams_control_rule import control_rule


class KamsControlPoint(models.Model):
    """Named rules of the delivery phase: what a domain can't put about money that is due, and the last word heard."""

    _inherit = "kams.control.point"

    @api.model
    def _rule_labels(self):
        return {
            **super()._rule_labels(),
            "final_accepted_and_paid": self.env._("Finally accepted, and what is due is paid or promised"),
            "satisfied_and_followed_on": self.env._("Satisfied when last asked, and a follow-on deal is recorded"),
        }

    @control_rule(
        *(f"kams_acceptance_ids.{name}" for name in ("kind", "is_done", "is_superseded", "delivery_id")),
        *("kams_delivery_ids.is_live", "kams_milestone_ids.contract_id.is_live"),
        *(f"kams_milestone_ids.{name}" for name in ("amount", "trigger_date", "date_due", "promised_on")),
        *("kams_milestone_ids.collection_plan", "kams_milestone_ids.invoice_ids.payment_state"),
        dynamic=True,
        records="kams.payment.milestone",
    )
    def _rule_final_accepted_and_paid(self, deals):
        """8.8, S6-7: each delivery is finally accepted; of what is due nothing is open, or it is promised for a day.

        sudo: whether the money came in depends on all invoices, whoever looks; no amount is told.
        """
        today = fields.Date.context_today(self)
        accepted = self._finally_accepted(deals)
        payments = self.env["kams.payment.milestone"].sudo().search([("lead_id", "in", deals.ids)])
        figures, answer = payments._figures(), {}
        for deal, own in payments.grouped("lead_id").items():
            live = own.filtered(lambda one: figures[one.id]["state"] != "cancelled")
            late = live.filtered(
                lambda one: (
                    figures[one.id]["state"] != "paid"
                    and one.date_due
                    and one.trigger_date
                    and one.date_due <= today
                    and not (one.collection_plan and one.promised_on and one.promised_on >= today)
                )
            )
            if deal.id in accepted and live and not late:
                answer[deal.id] = f"kams.payment.milestone,{live[-1].id}"
        return answer

    def _finally_accepted(self, deals):
        """Ids of the deals whose deliveries, as far as they go on, all have their final acceptance."""
        # sudo: a verdict rests on evidence the user may not see
        deliveries = self.env["kams.delivery"].sudo().search([("lead_id", "in", deals.ids), ("is_live", "=", True)])
        acceptances = self.env["kams.acceptance"].sudo()  # sudo: as above
        done = acceptances.search(
            [("delivery_id", "in", deliveries.ids), ("kind", "=", "final"), ("is_done", "=", True)]
        ).delivery_id
        return set(deliveries.lead_id.ids) - set((deliveries - done).lead_id.ids)

    @control_rule(
        *(f"kams_satisfaction_ids.{name}" for name in ("score", "state", "is_latest")),
        "kams_follow_on_ids",
        records="kams.satisfaction",
        parameters=("satisfaction_floor",),
    )
    def _rule_satisfied_and_followed_on(self, deals):
        """8.6, S6-8: what each person said last is, on average, good enough, and a lead came of the deal."""
        floor = self.env["kams.legal.rule"]._value("satisfaction_floor") or 0.0
        said = self.env["kams.satisfaction"]._read_group(
            [("lead_id", "in", deals.ids), ("state", "=", "done"), ("is_latest", "=", True), ("score", "!=", False)],
            ["lead_id"],
            ["score:avg", "id:max"],
        )
        leads = self.env["crm.lead"].with_context(active_test=False)
        followed = {
            origin.id
            for (origin,) in leads._read_group([("kams_origin_lead_id", "in", deals.ids)], ["kams_origin_lead_id"])
        }
        return {
            deal.id: f"kams.satisfaction,{last}"
            for deal, score, last in said
            if deal.id in followed and score is not None and score >= floor
        }
