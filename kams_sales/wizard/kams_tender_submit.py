from odoo import api, fields, models
from odoo.exceptions import UserError


class KamsTenderSubmit(models.TransientModel):
    """Hand a bid in: the dialog names all that is missing at once, and notes hour, place, receipt and files.

    Book section 6.5 递交. The hour is the server's: late is late, whatever the user's clock says.
    """

    _name = "kams.tender.submit"
    _description = "Submit a bid"

    tender_id = fields.Many2one("kams.tender", required=True, readonly=True, ondelete="cascade")
    proposal_id = fields.Many2one("kams.proposal", string="Bid Document", compute="_compute_what")
    deadline_at = fields.Datetime(string="Deadline", compute="_compute_what")
    deadline_told = fields.Char(string="Deadline There", compute="_compute_what")
    obstacles = fields.Text(string="Still Missing", compute="_compute_what")
    place = fields.Char(string="Place or Platform", compute="_compute_place", store=True, readonly=False)
    receipt_ids = fields.Many2many(
        "ir.attachment",
        "kams_tender_submit_receipt_rel",
        string="Receipt of the Bid",
        help="The platform's confirmation, or a photo of the signed receipt.",
    )
    file_ids = fields.Many2many(
        "ir.attachment",
        "kams_tender_submit_file_rel",
        string="Bid Files",
        help="The files as they were handed in or uploaded.",
    )

    # COMPUTES
    @api.depends("tender_id")
    def _compute_what(self):
        for wizard in self:
            tender = wizard.tender_id
            wizard.proposal_id = tender._bid()
            wizard.deadline_at = tender.bid_deadline
            wizard.deadline_told = tender.bid_deadline and f"{tender._local(tender.bid_deadline)} ({tender.tz})"
            wizard.obstacles = "\n".join(f"– {line}" for line in tender._submission_obstacles())

    @api.depends("tender_id")
    def _compute_place(self):
        for wizard in self:
            wizard.place = wizard.tender_id.platform_url

    # ACTIONS
    def action_confirm(self):
        self.ensure_one()
        tender = self.tender_id
        tender.check_access("write")
        tender.lock_for_update()
        missing = tender._submission_obstacles()
        if not (self.place or "").strip():
            missing.append(self.env._("Where it was handed in is missing: the platform or the place."))
        if not self.receipt_ids:
            missing.append(self.env._("The receipt is missing: add the platform's confirmation or a photo of it."))
        if not self.file_ids:
            missing.append(self.env._("The bid files are missing: add them as they were handed in."))
        if missing:
            raise UserError(
                self.env._(
                    "%(tender)s can't be submitted yet:\n%(missing)s",
                    tender=tender.display_name,
                    missing="\n".join(f"– {line}" for line in missing),
                )
            )
        tender._submit(tender._bid(), self.place, self.receipt_ids, self.file_ids)
        return {"type": "ir.actions.act_window_close"}


class KamsTenderWithdraw(models.TransientModel):
    """Take a bid back: free before the deadline, dear after it (招标投标法 29; 招标投标法实施条例 35)."""

    _name = "kams.tender.withdraw"
    _description = "Withdraw a bid"

    tender_id = fields.Many2one("kams.tender", required=True, readonly=True, ondelete="cascade")
    is_late = fields.Boolean(compute="_compute_is_late")
    consequence = fields.Text(compute="_compute_is_late")
    why = fields.Text(string="Why")
    accept_loss = fields.Boolean(string="We Accept That the Bond May Be Kept")

    # COMPUTES
    @api.depends("tender_id")
    def _compute_is_late(self):
        for wizard in self:
            wizard.is_late = wizard.tender_id._is_late()
            wizard.consequence = wizard.tender_id._withdrawal_told()

    # ACTIONS
    def action_confirm(self):
        self.ensure_one()
        tender = self.tender_id
        tender.check_access("write")
        if not (self.why or "").strip():
            raise UserError(self.env._("Say why the bid for %s is withdrawn: the reason stays.", tender.display_name))
        if tender._is_late() and not self.accept_loss:
            raise UserError(tender._withdrawal_told())
        tender._withdraw(self.why.strip())
        return {"type": "ir.actions.act_window_close"}
