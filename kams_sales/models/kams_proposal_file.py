import hashlib
import logging

from odoo import Command, fields, models

_logger = logging.getLogger(__name__)
REPORT = "kams_sales.report_proposal"


class KamsProposal(models.Model):
    """What went out stays with the proposal as a file: text, prices and wording as the customer got them (5.6)."""

    _inherit = "kams.proposal"

    sent_file_ids = fields.Many2many(
        "ir.attachment",
        "kams_proposal_sent_file_rel",
        string="Files Sent",
        copy=False,
        ondelete="restrict",
        help="What the customer got. The PDF of the day is added when the proposal is submitted; add here what goes "
        "along with it.",
    )

    # BUSINESS
    def _submit(self):
        result = super()._submit()
        for proposal in self:
            proposal._keep_what_went_out()
        return result

    def _keep_what_went_out(self):
        """Keep the paper as it is today; what can't be printed is said, and holds nobody up."""
        self.ensure_one()
        if not self.env.registry.ready:  # demo data: while the module is installed there is nothing to print with
            return
        try:
            with self.env.cr.savepoint():
                content, kind = self.env["ir.actions.report"]._render_qweb_pdf(REPORT, self.ids)
                if kind != "pdf":  # tests don't print
                    return
                values = {"name": self._sent_name(), "raw": content, "res_model": self._name, "res_id": self.id}
                file = self.env["ir.attachment"].create({**values, "mimetype": "application/pdf"})
                self._engine().write({"sent_file_ids": [Command.link(file.id)]})
                self.message_post(
                    body=self.env._(
                        "What was sent is kept as %(file)s, SHA-256 %(checksum)s.",
                        file=file.name,
                        checksum=hashlib.sha256(content).hexdigest(),
                    )
                )
        except Exception:  # the printing program is missing, or a picture is broken: it went out all the same
            _logger.warning("No PDF of the submitted proposal %s", self.id, exc_info=True)
            self.message_post(body=self.env._("No PDF of what was sent could be made. Print it, and attach it here."))

    def _sent_name(self):
        words = "".join("-" if sign in '/\\:*?"<>|' or not sign.isprintable() else sign for sign in self.name)
        return f"{words[:80].strip()} v{self.version}.pdf"

    def _check_files_free(self, name):
        """What went out stays; the customer's word on the benefit may still come in afterwards."""
        super()._check_files_free(name)
        if name == "sent_file_ids":
            self._check_open()
