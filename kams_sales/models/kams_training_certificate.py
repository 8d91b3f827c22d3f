from odoo import models
from odoo.exceptions import UserError


class KamsTraining(models.Model):
    """The certificates of those who passed: numbered when the customer signs, printed one page each (8.4)."""

    _inherit = "kams.training"

    # ACTIONS
    def action_sign(self):
        result = super().action_sign()
        self._number_certificates()
        return result

    def action_certificates(self):
        """Print the certificates of those who passed; without a test, of those who came."""
        self.ensure_one()
        self.check_access("read")
        if self.state != "signed":
            raise UserError(
                self.env._("“%s” isn't signed off: certificates are handed out after that.", self.display_name)
            )
        return self.env.ref("kams_sales.action_report_training_certificate").report_action(
            self._certified(), config=False
        )

    # BUSINESS
    def _certified(self):
        """Who gets a certificate: whoever passed, or, where nobody was tested, whoever came."""
        came = self.attendee_ids.filtered("attended")
        return came.filtered("passed") or (came.browse() if self.pass_rate is not False else came)

    def _number_certificates(self):
        """Numbers stay once they are given, also when a training is reopened and signed again."""
        for training in self:
            for place, one in enumerate(training._certified(), 1):
                if not one.certificate:
                    day = training.signed_at
                    one.certificate = f"{day:%Y%m}-{training.id}-{place:03d}"
