from odoo import api, models
from odoo.tools import SQL


class CrmLead(models.Model):
    """How much each chapter has recorded on a deal: the numbers on its smart buttons, by one statement for all.

    A chapter adds an Integer computed by ``_compute_kams_chapter_counts`` and names it in ``_kams_chapter_counts``.
    """

    _inherit = "crm.lead"

    @api.model
    def _kams_chapter_counts(self):
        """``{field of the deal: SELECT of (lead_id, number)}``; each asks for the ids in ``%(ids)s`` alone."""
        return {}

    @api.model
    def _kams_count_of(self, table, condition="TRUE"):
        """The SELECT of a chapter whose records stand in ``table`` with a ``lead_id``.

        :param condition: a constant SQL condition on the table's own columns
        """
        return f"SELECT lead_id, count(*) FROM {table} WHERE lead_id = ANY(%(ids)s) AND {condition} GROUP BY lead_id"

    @api.depends("kams_process_id")
    def _compute_kams_chapter_counts(self):
        """A number tells that there is something; its list shows each user what they may read of it."""
        queries = self._kams_chapter_counts()
        ids = list(self._origin.filtered("kams_process_id")._ids)
        counts = {}
        if ids and queries:
            self.env.flush_all()
            union = " UNION ALL ".join(
                f"SELECT '{name}', counted.* FROM ({query}) counted" for name, query in queries.items()
            )
            counts = {(name, id_): number for name, id_, number in self.env.execute_query(SQL(union, ids=ids))}
        for lead in self:
            for name in queries:
                lead[name] = counts.get((name, lead._origin.id), 0)

    @api.model
    def _kams_evidence_actions(self):
        """``{model: method of the deal}`` that opens where a chapter records its evidence; others open as a list."""
        return {}

    def _kams_open_evidence(self, point):
        """From a point to the place of its chapter."""
        if name := self._kams_evidence_actions().get(point._records()):
            return getattr(self, name)()
        return super()._kams_open_evidence(point)

    def _kams_open_part(self, model, name, views="list,form", **context):
        """Open what a chapter recorded on this deal, ready for a new record; an empty list says what belongs there."""
        self.ensure_one()
        self.check_access("read")
        menu_action = self.env.ref(f"kams_sales.{model.replace('.', '_')}_action")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": views,
            "views": [(False, view) for view in views.split(",")],
            "domain": [("lead_id", "=", self.id)],
            "context": {"default_lead_id": self.id, **context},
            # sudo: help is for whoever may open the list
            "help": menu_action.sudo().help,
        }
