from odoo import models

from .crm_lead_gate import InternalPass


class KamsAccount(models.Model):
    """Units of merged accounts: what was said in either whitespace grid is kept, and the deals of the units too."""

    _inherit = "kams.account"

    # BUSINESS
    def _hand_over_lines(self, kept):
        """A unit that both accounts have keeps what was said in either grid, and its deals."""
        twins = {unit.name: unit for unit in kept.unit_ids}
        for unit in self.unit_ids.filtered(lambda unit: unit.name in twins):
            twin = twins[unit.name]
            # the deals' customer changes later in the same merge
            merging = unit.with_context(active_test=False, kams_units_merged=InternalPass(unit.name))
            merging.lead_ids.kams_unit_id = twin.id
            there = {cell.offering_id: cell for cell in twin.cell_ids}
            for cell in unit.cell_ids:
                other = there.get(cell.offering_id)
                if not other:
                    cell.unit_id = twin
                elif cell.stated and not other.stated:
                    other.write(
                        {name: value for name, value in cell.copy_data()[0].items() if value and not other[name]}
                    )
                    other.write({"stated": cell.stated, "stated_by": cell.stated_by.id, "stated_on": cell.stated_on})
        return super()._hand_over_lines(kept)
