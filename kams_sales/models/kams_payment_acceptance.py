from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import plaintext2html

from .kams_acceptance_payment import TRIGGER_OF

INVOICING = ("account.move", "sale.advance.payment.inv")


class KamsPaymentMilestone(models.Model):
    """Which acceptance a payment waits for, and what the customer says when it is late (8.8 催收)."""

    _inherit = "kams.payment.milestone"

    acceptance_id = fields.Many2one(
        "kams.acceptance",
        string="Upon Acceptance",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        domain="[('lead_id', '=', lead_id)]",
        help="It falls due once this acceptance is signed; empty: upon all acceptances of its kind.",
    )
    acceptance_state = fields.Selection(related="acceptance_id.state", string="Status of the Acceptance")
    promised_on = fields.Date(
        string="Payment Promised For", copy=False, tracking=True, help="When the customer says that they will pay."
    )
    collection_plan = fields.Text(
        copy=False, help="How we get the money: who is asked, when, and what we do if it doesn't come."
    )

    # CONSTRAINTS
    @api.constrains("acceptance_id", "trigger", "contract_id")
    def _check_acceptance(self):
        """What falls due upon an acceptance waits for one of that kind, of the same contract: no other puts it off."""
        kinds = {trigger: kind for kind, trigger in TRIGGER_OF.items()}
        for payment in self.sudo():  # sudo: compared, and named to whoever chose it
            acceptance = payment.acceptance_id
            if not acceptance or payment.trigger not in kinds:
                continue
            if acceptance.kind != kinds[payment.trigger] or acceptance.delivery_id.contract_id != payment.contract_id:
                raise ValidationError(
                    self.env._(
                        "“%(payment)s” is owed upon another acceptance than “%(acceptance)s”: choose one of its kind "
                        "and of its contract, or none.",
                        payment=payment.display_name,
                        acceptance=acceptance.display_name,
                    )
                )

    # ORM
    def write(self, vals):
        """The day upon which the customer signed follows from their signature, until the acceptance is reopened."""
        for name in () if self.env.su else {"trigger_date", "acceptance_id"} & vals.keys():
            field = self._fields[name]
            for payment in self.filtered("trigger_date"):
                acceptance = payment.sudo().acceptance_id  # sudo: whether it is signed, and nothing else of it
                new = field.convert_to_record(field.convert_to_cache(vals[name], payment), payment)
                if acceptance.state == "signed" and new != payment[name]:
                    acceptance._check_free()
        return super().write(vals)

    # BUSINESS
    def _ask_for_invoice(self, why):
        """Whoever may invoice finds it among their activities: the collector, else somebody of finance."""
        for payment in self:
            person = payment._who_may_invoice()
            if not person:
                continue
            payment.with_context(mail_activity_quick_update=True).activity_schedule(
                "kams_sales.mail_activity_type_payment",
                date_deadline=fields.Date.context_today(payment),
                summary=self.env._("Accepted: make the invoice"),
                note=plaintext2html(why),
                user_id=person.id,
            )

    def _who_may_invoice(self):
        """The collector, if they may; else the first of finance in this company who may, else the collector."""
        self.ensure_one()
        finance = self.env.ref("kams_sales.group_finance").sudo().all_user_ids  # sudo: who works in finance
        company = self.company_id
        people = finance.filtered(
            lambda user: user.active and not user.share and (not company or company in user.company_ids)
        )
        collector = self.user_id.filtered("active")
        for user in collector | people.sorted("id"):
            payment = self.with_user(user)
            may = any(self.env[name].with_user(user).has_access("create") for name in INVOICING)
            if may and payment.has_access("write"):
                return user
        return collector or people[:1]
