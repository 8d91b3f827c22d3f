from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class KamsWinloss(models.Model):
    """Whoever owned the deal doesn't ask the customer why: they would hear what is polite.

    Book section 9: an interview by somebody neutral, within three weeks.
    """

    _inherit = "kams.winloss"

    interviewer_id = fields.Many2one(
        "res.users",
        string="Interviewer",
        domain="[('share', '=', False), ('id', '!=', owner_id)]",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        copy=False,
        help="Somebody other than the deal's owner.",
    )
    interviewed_at = fields.Date(string="Interviewed On", copy=False)
    interviewed_id = fields.Many2one(
        "res.partner",
        string="Person Interviewed",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        help="Who at the customer told us.",
    )
    method = fields.Selection(
        [
            ("meeting", "In Person"),
            ("call", "By Telephone"),
            ("online", "By Video"),
            ("written", "In Writing"),
        ],
        string="How Interviewed",
        copy=False,
    )

    # the database refuses it on every route, whoever writes
    _neutral = models.Constraint(
        "CHECK(interviewer_id IS NULL OR owner_id IS NULL OR interviewer_id <> owner_id)",
        "The deal's owner doesn't interview the customer: choose somebody else as interviewer.",
    )

    # CONSTRAINTS
    @api.constrains("interviewer_id", "lead_id", "owner_id")
    def _check_interviewer(self):
        for review in self:
            if review.interviewer_id and review.interviewer_id in review.owner_id | review.lead_id.user_id:
                raise ValidationError(
                    self.env._(
                        "“%(review)s”: %(owner)s owns the deal. Choose somebody else as interviewer.",
                        review=review.display_name,
                        owner=review.interviewer_id.name,
                    )
                )

    @api.constrains("interviewed_at")
    def _check_interviewed_at(self):
        today = fields.Date.context_today(self)
        for review in self:
            if review.interviewed_at and review.interviewed_at > today:
                raise ValidationError(
                    self.env._("“%s”: an interview that is still to come can't be noted.", review.display_name)
                )

    @api.constrains("result", "closing_id")
    def _check_result(self):
        """A deal that was won isn't reviewed as a loss, nor the other way round."""
        ends = dict(self.env["kams.deal.history"]._fields["status"]._description_selection(self.env))
        for review in self:
            if review.closing_id and (review.closing_id.status == "won") != (review.result == "won"):
                raise ValidationError(
                    self.env._(
                        "“%(review)s”: the deal ended as “%(ended)s”, and the review says otherwise.",
                        review=review.display_name,
                        ended=ends[review.closing_id.status],
                    )
                )

    # BUSINESS
    def _check_confirmation(self):
        result = super()._check_confirmation()
        for review in self:
            told = "customer" in review.reason_ids.mapped("source")
            if told and not (review.interviewer_id and review.interviewed_at):
                raise UserError(
                    self.env._(
                        "“%s” says that the customer told us: note who interviewed them, and on what day.",
                        review.display_name,
                    )
                )
        return result
