from odoo import api, fields, models, tools

from ..tools.legal_days import Calendar


class KamsHoliday(models.Model):
    """A day off that isn't a weekend, or a weekend that is worked (调休): by these, legal days are counted.

    Statutory table of chapter 6: 民法典 203. The State Council's office announces them each November for the next year;
    2025 and 2026 come with the addon, whatever follows is typed or imported.
    """

    _name = "kams.holiday"
    _description = "Holiday"
    _inherit = ["kams.kept.mixin", "kams.import.mixin"]
    _order = "date desc, id"

    date = fields.Date(required=True, index=True)
    name = fields.Char(string="Holiday", required=True, translate=True)
    is_workday = fields.Boolean(string="Worked", help="A weekend that is worked in exchange for a holiday.")
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: for all companies.")
    source = fields.Char(help="The notice that sets it.")

    _date_uniq = models.UniqueIndex("(date, COALESCE(company_id, 0))", "This day is entered already.")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        holidays = super().create(vals_list)
        self.env["kams.tender"]._restart_clocks()
        return holidays

    def write(self, vals):
        result = super().write(vals)
        if not {"date", "is_workday", "company_id"}.isdisjoint(vals):
            self.env["kams.tender"]._restart_clocks()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["kams.tender"]._restart_clocks()
        return result

    # BUSINESS
    @api.model
    def _calendar(self, company=None):
        """The calendar (``tools/legal_days.py``) that a company counts by: its own days before those of all."""
        return self._calendar_of(company.id if company else False)

    @api.model
    @tools.ormcache("company_id")
    def _calendar_of(self, company_id):
        # sudo: which days are off is no secret, and periods depend on them for everybody
        days = self.sudo().search([("company_id", "in", [False, company_id])])
        worked = {day.date: day.is_workday for day in days.sorted(lambda one: bool(one.company_id))}
        return Calendar(
            frozenset(day for day, is_workday in worked.items() if not is_workday),
            frozenset(day for day, is_workday in worked.items() if is_workday),
        )

    @api.model
    def _import_columns(self):
        return [("date", "2027-01-01"), ("name", self.env._("New Year's Day")), ("is_workday", "0"), ("source", "")]
