from odoo import models

# What is empty on a deal without a process, by the methods that compute it. Asked of one after the other, these
# fields would cost a plain opportunity's page a tenth of its time to find out nothing.
OF_DEALS = {
    "_compute_kams_chain",
    "_compute_kams_chapter_counts",
    "_compute_kams_counts",
    "_compute_kams_fit",
    "_compute_kams_invoice_ids",
    "_compute_kams_is_unfinished",
    "_compute_kams_phase_words",
    "_compute_kams_stage_ids",
    "_compute_kams_technique_names",
}
FEW = 8  # up to so many, to look twice costs more than to ask


class CrmLead(models.Model):
    """A plain opportunity's page doesn't pay for what only deals under a process have."""

    _inherit = "crm.lead"

    def web_read(self, specification):
        """Read what all records have; then the rest of the deals under a process, and say that plain ones have none."""
        rest = self._kams_fields_of_deals(specification)
        if len(rest) <= FEW or "kams_process_id" not in specification or not all(self._ids):
            return super().web_read(specification)
        for name in rest:  # who may not read a field may not read that it is empty either
            self._check_field_access(self._fields[name], "read")
        rows = super().web_read({name: spec for name, spec in specification.items() if name not in rest})
        deals = self.browse(row["id"] for row in rows if row["kams_process_id"])
        more = {row["id"]: row for row in super(CrmLead, deals).web_read(rest)} if deals else {}
        nothing = {} if len(deals) == len(rows) else self._kams_nothing(rest)
        return [{**row, **(more[row["id"]] if row["kams_process_id"] else nothing)} for row in rows]

    # BUSINESS
    def _kams_fields_of_deals(self, specification):
        """The part of a specification that is empty on plain opportunities and leads."""
        fields = self._fields
        return {
            name: spec
            for name, spec in specification.items()
            if name in fields and not fields[name].store and fields[name].compute in OF_DEALS
        }

    def _kams_nothing(self, names):
        """How these fields read where they are empty."""
        nothing = {}
        for name in names:
            field = self._fields[name]
            if field.relational:
                nothing[name] = [] if field.type in ("one2many", "many2many") else False
            else:
                empty = field.convert_to_record(field.convert_to_cache(False, self), self)
                nothing[name] = field.convert_to_read(empty, self)
        return nothing
