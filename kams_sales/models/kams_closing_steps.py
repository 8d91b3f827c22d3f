from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError


class KamsDeliveryClosing(models.Model):
    """How a closing is completed: service takes the warranty over, a reference is made, a director approves (8.8)."""

    _inherit = "kams.delivery.closing"

    still_missing = fields.Text(string="Still Missing", compute="_compute_still_missing")
    may_take_over = fields.Boolean(compute="_compute_may_take_over")

    # COMPUTES
    @api.depends(
        *("state", "lesson_ids", "reference_consent", "reference_contact_id", "reference_on", "accepted_on"),
        *("service_user_id", "warranty_until", "no_warranty"),
    )
    @api.depends_context("lang")
    def _compute_still_missing(self):
        for closing in self:
            missing = closing._missing() if closing.state == "draft" else ()
            closing.still_missing = "\n".join(missing) or False

    @api.depends("service_user_id", "accepted_on")
    @api.depends_context("uid")
    def _compute_may_take_over(self):
        for closing in self:
            closing.may_take_over = closing.service_user_id == self.env.user and not closing.accepted_on

    # ACTIONS
    def action_ask_service(self):
        """Ask whoever is named to take the warranty over."""
        self.check_access("write")
        for closing in self:
            if not closing.service_user_id:
                raise UserError(self.env._("“%s”: name who the warranty goes to first.", closing.display_name))
            if not closing.accepted_on:
                closing.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=closing.service_user_id.id,
                    summary=self.env._("Take the warranty over: %s", closing.display_name),
                )
        return True

    def action_take_over(self):
        """The warranty is mine from now on; said by nobody else."""
        self.check_access("read")
        for closing in self:
            if closing.service_user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "The warranty of “%(closing)s” is taken over by %(who)s, nobody else can say so.",
                        closing=closing.display_name,
                        who=closing.service_user_id.name or "–",
                    )
                )
            closing._check_open()
            # sudo: whoever takes over may only read; that it is they was checked, and only this is noted
            mine = closing._engine().sudo()
            mine.write({"accepted_on": fields.Date.context_today(closing)})
            mine.activity_ids.filtered(lambda one: one.user_id == self.env.user).unlink()
            mine.message_post(
                body=self.env._("%s took the warranty over.", self.env.user.name),
                author_id=self.env.user.partner_id.id,
            )
        return True

    def action_make_reference(self):
        """Make the customer a reference, or bring the one that there is up to what they agreed to now."""
        self.ensure_one()
        self.check_access("write")
        if self.reference_consent != "consent":
            raise UserError(self.env._("“%s”: the customer hasn't agreed to be a reference.", self.display_name))
        if missing := self._consent_missing():
            raise UserError("\n".join(missing))
        references = self.env["kams.reference"]
        customer = self.customer_id or self.lead_id.partner_id.commercial_partner_id
        if not customer:
            raise UserError(self.env._("“%s” has no customer: enter one on the deal.", self.lead_id.display_name))
        company = self.company_id or self.env.company
        reference = self.reference_id or references.search(
            [
                ("partner_id", "=", customer.id),
                ("company_id", "=", company.id),
                ("deal_id", "in", (self.lead_id.id, False)),
            ],
            order="deal_id, id",
            limit=1,
        )
        values = {
            "deal_id": self.lead_id.id,
            "contact_id": self.reference_contact_id.id or reference.contact_id.id,
            "delivered_on": self.delivery_id._final_on() or reference.delivered_on,
            "consent": True,
            "consent_date": self.reference_on,
            "consent_until": self.reference_until,
            # copies: the reference's own, whatever becomes of the closing
            "consent_file_ids": [
                Command.link(file.copy({"res_model": False, "res_id": False}).id) for file in self.reference_file_ids
            ],
        }
        if reference:
            reference.write(values)
        else:
            owner = self.lead_id.user_id.filtered("active") or self.env.user
            values |= {"partner_id": customer.id, "company_id": company.id, "user_id": owner.id}
            reference = references.create(values)
        self._engine().reference_id = reference
        return reference._get_records_action(name=reference.display_name)

    def action_approve(self):
        """A director finds that all is there: it stays as it is from now on."""
        if not self.env.user.has_group("kams_sales.group_director"):
            raise AccessError(self.env._("A sales director approves how a delivery was closed."))
        self.check_access("write")
        for closing in self:
            if missing := closing._missing():
                raise UserError(
                    self.env._(
                        "The closing of “%(closing)s” isn't complete:\n%(missing)s",
                        closing=closing.display_name,
                        missing="\n".join(f"  • {one}" for one in missing),
                    )
                )
            closing._engine().write(
                {
                    "state": "approved",
                    "approved_by_id": self.env.uid,
                    "approved_at": fields.Date.context_today(self),
                    "figures": closing._money(),
                }
            )
        return True

    def action_reopen(self):
        """Something is to be corrected; the delivery has to be open for that."""
        if not self.env.user.has_group("kams_sales.group_director"):
            raise AccessError(self.env._("Only a sales director reopens a closing."))
        self.check_access("write")
        for closing in self:
            if closing.delivery_id.state == "closed":
                raise UserError(
                    self.env._("“%s” is closed: take the delivery up again first.", closing.delivery_id.display_name)
                )
            closing._engine().write({"state": "draft", "approved_by_id": False, "approved_at": False, "figures": False})
            closing.message_post(body=self.env._("%s reopened the closing.", self.env.user.name))
        return True

    # BUSINESS
    def _missing(self):
        """What the closing lacks, as sentences."""
        self.ensure_one()
        found = []
        if not self.lesson_ids:
            found.append(self.env._("No lesson is written down."))
        if self.reference_consent == "not_asked":
            found.append(self.env._("The customer wasn't asked whether others may see it."))
        elif self.reference_consent == "consent":
            found += self._consent_missing()
        if not self.service_user_id:
            found.append(self.env._("Nobody is named who the warranty goes to."))
        elif not self.accepted_on:
            found.append(self.env._("%s hasn't taken the warranty over yet.", self.service_user_id.name))
        if not self.warranty_until and not self.no_warranty:
            found.append(self.env._("The end of the warranty isn't known."))
        return found

    def _consent_missing(self):
        found = []
        if not self.reference_contact_id:
            found.append(self.env._("Who of the customer receives visitors is missing."))
        if not self.reference_on:
            found.append(self.env._("Since when the customer agrees to be a reference is missing."))
        return found
