from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .crm_lead import LEGAL_REGIMES


class Found(NamedTuple):
    """A number that holds, what it counts and who says so."""

    value: float
    unit: str
    source: str


class KamsLegalRule(models.Model):
    """A number that a statute or a policy sets, for as long as it holds: no such number hides in code.

    Architecture, engine 10. Days, percentages, weights and cut-off points are looked up here with the day they
    are asked for, so that what was judged last year can still be explained next year.
    """

    _name = "kams.legal.rule"
    _description = "Dated parameter"
    _inherit = ["kams.kept.mixin"]
    _order = "key, regime, mode, valid_from desc, id"

    # What it is
    name = fields.Char(required=True, translate=True)
    key = fields.Char(required=True, index=True, help="The technical name under which it is looked up.")
    value = fields.Float(digits=(16, 6), required=True)
    unit = fields.Char(help="What the number counts: days, %, points.")
    # Where and when it holds
    regime = fields.Selection(LEGAL_REGIMES, string="Legal Regime", help="Empty: under every regime.")
    mode = fields.Selection(
        selection=lambda self: self.env["kams.procurement.mode"]._selection(),
        string="Procurement Mode",
        help="Empty: for every way of buying.",
    )
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(help="Last day on which it holds; empty: it still holds.")
    source = fields.Char(required=True, help="The statute, article or policy that the number comes from.")

    _dates = models.Constraint("CHECK(valid_to IS NULL OR valid_to >= valid_from)", "A parameter ends after it begins.")

    # CONSTRAINTS
    @api.constrains("key", "regime", "mode", "valid_from", "valid_to")
    def _check_overlap(self):
        """On any day a parameter has one value."""
        for _place, rules in self.search([("key", "in", self.mapped("key"))]).grouped(lambda r: r._place()).items():
            in_order = rules.sorted("valid_from")
            for before, after in zip(in_order, in_order[1:], strict=False):
                if not before.valid_to or before.valid_to >= after.valid_from:
                    raise ValidationError(
                        self.env._(
                            "“%(key)s” has two values from %(day)s on: “%(before)s” and “%(after)s”. "
                            "Let the earlier one end the day before.",
                            key=after.key,
                            day=after.valid_from,
                            before=before.name,
                            after=after.name,
                        )
                    )

    # BUSINESS
    def _place(self):
        return self.key, self.regime or False, self.mode or False

    @api.model
    def _value(self, key, on_date=None, regime=None, mode=None):
        """The number that holds on a day, or None if there is none; see :meth:`_found`."""
        found = self._found(key, on_date, regime, mode)
        return found and found.value

    @api.model
    def _found(self, key, on_date=None, regime=None, mode=None):
        """The number that holds on a day with its unit and source, or None if there is none.

        The most particular one wins: for this regime and mode, for this regime, for this mode, for all.

        :param on_date: a date; today when left out
        """
        day = on_date or fields.Date.context_today(self)
        for place in ((regime, mode), (regime, False), (False, mode), (False, False)):
            for valid_from, valid_to, found in self._values_at(key, place[0] or False, place[1] or False):
                if valid_from <= day and (not valid_to or valid_to >= day):
                    return found
        return None

    @api.model
    @tools.ormcache("key", "regime", "mode")
    def _values_at(self, key, regime, mode):
        # sudo: numbers of statutes and policies are no secret, and figures depend on them for everybody
        rules = self.sudo().search([("key", "=", key), ("regime", "=", regime), ("mode", "=", mode)])
        return tuple(
            (rule.valid_from, rule.valid_to, Found(rule.value, rule.unit or "", rule.source)) for rule in rules
        )
