from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .calendar_event import GROUPS

ALL_DEALS = ("sales_team.group_sale_salesman_all_leads", "kams_sales.group_auditor")


class CalendarEvent(models.Model):
    """What is planned and recorded on a deal is for those who may read the deal, though all may read the calendar.

    Others find the fields empty, on every way: where a column becomes SQL, it becomes nothing for them. Reading,
    searching, ordering and grouping all come through there, also from other models.
    """

    _inherit = "calendar.event"

    # ORM
    def _field_to_sql(self, alias, field_expr, query=None):
        sql = super()._field_to_sql(alias, field_expr, query)
        field = self._fields.get(field_expr)
        if self.env.su or field is None or field.groups != GROUPS:
            return sql
        return SQL("CASE WHEN %s THEN %s END", self._kams_known(alias, query), sql)

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        ours = [any(vals.get(name) for name in self._kams_secrets()) for vals in vals_list]
        events.browse(event.id for event, told in zip(events, ours, strict=True) if told)._kams_check_may_write()
        return events

    def write(self, vals):
        if self._kams_by_system():
            return super().write(vals)
        ours = any(name.startswith("kams_") for name in vals)
        if ours or "opportunity_id" in vals:
            # a meeting taken to another deal takes along what was said: whoever does that must know it
            self.filtered("kams_kind")._kams_check_may_write(old=True)
        told = any(vals.get(name) for name in self._kams_secrets() & vals.keys())
        if told and "opportunity_id" not in vals:
            self._kams_check_may_write()
        result = super().write(vals)
        if told and "opportunity_id" in vals:
            self._kams_check_may_write()
        return result

    def copy_data(self, default=None):
        """Whoever is no part of KAMS copies a meeting, and repeats one, without its plan: they can't read it."""
        hidden = self._kams_hidden()
        if not hidden:
            return super().copy_data(default)
        copies = super().copy_data({**dict.fromkeys(hidden, False), **(default or {})})
        return [{name: value for name, value in vals.items() if name not in hidden} for vals in copies]

    def copy_translations(self, new, excluded=()):
        return super().copy_translations(new, excluded=(*excluded, *self._kams_hidden()))

    # BUSINESS
    def _kams_hidden(self):
        """What the user may not even ask for, being no part of KAMS."""
        return {name for name in self._kams_secrets() if not self._has_field_access(self._fields[name], "read")}

    @api.model
    def _kams_secrets(self):
        return {name for name, field in self._fields.items() if field.groups == GROUPS}

    def _kams_known(self, alias, query):
        """SQL: whether the user may know what stands in a row of ``alias``."""
        deal = SQL.identifier(alias, "opportunity_id")
        own = SQL("%s IS NULL AND %s = %s", deal, SQL.identifier(alias, "create_uid"), self.env.uid)
        if any(self.env.user.has_group(group) for group in ALL_DEALS):
            own = SQL("%s IS NULL", deal)
        deals = self.env["crm.lead"].with_context(active_test=False)
        if not deals.has_access("read"):
            return own
        if query is None:
            return SQL("(%s IN %s OR %s)", deal, deals._search([]).subselect(), own)
        known = query.make_alias(alias, "kams_deal")
        if known not in query._joins:
            query.add_join(
                "LEFT JOIN",
                known,
                deals._search([]).subselect(),
                SQL("%s = %s", deal, SQL.identifier(known, "id")),
            )
        return SQL("(%s IS NOT NULL OR %s)", SQL.identifier(known, "id"), own)

    def _kams_check_may_write(self, old=False):
        """Plan and record are written by those who may write the deal.

        :param old: what stands there is about to change; a meeting whose deal is gone has nobody to ask
        """
        if self.env.su:
            return
        for event in self:
            if not event.opportunity_id and not old:
                raise UserError(
                    self.env._("“%s” belongs to no deal: choose its deal before planning or recording it.", event.name)
                )
        if deals := self.opportunity_id:
            deals.check_access("write")
