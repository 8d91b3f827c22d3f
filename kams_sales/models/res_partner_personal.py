from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

GROUP = "kams_sales.group_personal_data"
APART = "kams_personal"  # fetched together when somebody asks, never along with an address
# What is known of a person as a person; none of it is kept without a basis and an end
PERSONAL = (
    "kams_birthday",
    "kams_education",
    "kams_career",
    "kams_expertise",
    "kams_personal_kpi",
    "kams_agenda",
    "kams_communication_style",
    "kams_interests",
)
TERMS = ("kams_pi_basis", "kams_consent_date", "kams_retention_until", "kams_retention_reminded")
REMINDER = "kams_sales.mail_activity_type_retention"
BATCH = 200


class ResPartner(models.Model):
    """The person behind a contact: seen by few, kept on a legal basis, and erased when its time is over.

    Book section 3.5 客户档案; Personal Information Protection Law (PIPL) art. 13, 19 and 47.
    """

    _inherit = "res.partner"

    # The person
    kams_birthday = fields.Date(string="Birthday", copy=False, groups=GROUP, prefetch=APART)
    kams_education = fields.Char(string="Education", copy=False, groups=GROUP, prefetch=APART)
    kams_career = fields.Text(string="Career", copy=False, groups=GROUP, prefetch=APART)
    kams_expertise = fields.Char(string="Expertise", copy=False, groups=GROUP, prefetch=APART)
    kams_personal_kpi = fields.Char(
        string="Personal Targets", copy=False, groups=GROUP, prefetch=APART, help="What this person is measured by."
    )
    kams_agenda = fields.Text(
        string="Personal Agenda", copy=False, groups=GROUP, prefetch=APART, help="What this person wants."
    )
    kams_communication_style = fields.Char(string="Communication Style", copy=False, groups=GROUP, prefetch=APART)
    kams_interests = fields.Char(string="Interests", copy=False, groups=GROUP, prefetch=APART)
    # On what terms it is kept
    kams_pi_basis = fields.Selection(
        [("consent", "Consent"), ("contract", "Contract"), ("public", "Made public"), ("legal", "Legal duty")],
        string="Legal Basis",
        copy=False,
        groups=GROUP,
        prefetch=APART,
        help="Why personal data may be kept (PIPL art. 13).",
    )
    kams_consent_date = fields.Date(string="Consent Given On", copy=False, groups=GROUP, prefetch=APART)
    kams_retention_until = fields.Date(
        string="Keep Until",
        copy=False,
        index="btree_not_null",
        groups=GROUP,
        prefetch=APART,
        help="The account manager is reminded before; after this day the personal data is erased.",
    )
    kams_retention_reminded = fields.Boolean(string="Reminded of Erasure", copy=False, groups=GROUP, prefetch=APART)

    # CONSTRAINTS
    @api.constrains(*PERSONAL, *TERMS)
    def _check_personal_data(self):
        # sudo: the terms hold whoever writes, and the messages tell nothing of the data
        for partner in self.sudo():
            if partner.kams_pi_basis == "consent" and not partner.kams_consent_date:
                raise ValidationError(self.env._("Say when %s consented to this.", partner.display_name))
            if any(partner[name] for name in PERSONAL) and not (partner.kams_pi_basis and partner.kams_retention_until):
                raise ValidationError(
                    self.env._(
                        "Personal data of %s is kept on a legal basis and until a day: fill in “Legal Basis” and "
                        "“Keep Until”, or leave the personal data out.",
                        partner.display_name,
                    )
                )

    # ORM
    def write(self, vals):
        if "kams_retention_until" in vals:
            vals = {**vals, "kams_retention_reminded": False}
        return super().write(vals)

    # BUSINESS
    @api.model
    def _cron_kams_retention(self):
        """Remind of personal data that ends soon and erase what has ended, in batches: a stop loses nothing."""
        today = fields.Date.context_today(self)
        days = self.env["kams.legal.rule"]._value("pi_reminder_days", today) or 0
        partners = self.with_context(active_test=False)
        for work, domain in (
            (self._kams_erase, [("kams_retention_until", "<", today)]),
            (
                self._kams_remind,
                [
                    ("kams_retention_until", "<=", today + timedelta(days=days)),
                    ("kams_retention_reminded", "=", False),
                ],
            ),
        ):
            while batch := partners.search(domain, limit=BATCH, order="kams_retention_until, id"):
                work(batch)
                if not self.env["ir.cron"]._commit_progress(len(batch)):
                    return

    @api.model
    def _kams_remind(self, partners):
        """Ask who looks after the customer whether the data is still needed."""
        managers = {}
        # the oldest account wins where several companies serve the customer
        for account in self.env["kams.account"].search(
            [("partner_id", "in", partners.commercial_partner_id.ids), ("manager_id", "!=", False)], order="id desc"
        ):
            managers[account.partner_id] = account.manager_id
        model_id = self.env["ir.model"]._get_id("res.partner")
        activity_type = self.env.ref(REMINDER)
        vals_list = []
        for partner in partners:
            user = managers.get(partner.commercial_partner_id) or partner.user_id
            if user:
                vals_list.append(
                    {
                        "activity_type_id": activity_type.id,
                        "res_model_id": model_id,
                        "res_id": partner.id,
                        "user_id": user.id,
                        "summary": self.env._("Personal data will be erased"),
                        "note": self.env._("Set “Keep Until” to a later day if there is still a basis for keeping it."),
                        "date_deadline": partner.kams_retention_until,
                    }
                )
        self.env["mail.activity"].create(vals_list)
        partners.write({"kams_retention_reminded": True})

    @api.model
    def _kams_erase(self, partners):
        """Erase personal data whose time is over; the contact stays, and says that it was done."""
        ended = {partner.id: partner.kams_retention_until for partner in partners}
        partners.write(dict.fromkeys((*PERSONAL, *TERMS), False))
        partners.activity_unlink([REMINDER])
        partners._message_log_batch(
            bodies={
                id_: self.env._("The personal data was erased: it was to be kept until %s.", day)
                for id_, day in ended.items()
            }
        )
