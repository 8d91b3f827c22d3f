from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsStakeholder(models.Model):
    """A chain that comes in by spreadsheet: whom somebody reports to is said by name, within the deal."""

    _name = "kams.stakeholder"
    _inherit = ["kams.stakeholder", "kams.import.mixin"]

    # never stored: an entry's id says nothing in a spreadsheet, and a name alone may stand on many deals
    superior_name = fields.Char(string="Superior's Name", store=False, help="For imports: somebody of the same chain.")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        names = [vals.get("superior_name") for vals in vals_list]
        people = super().create([{n: v for n, v in vals.items() if n != "superior_name"} for vals in vals_list])
        people._report_by_name(names)
        return people

    def write(self, vals):
        result = super().write({name: value for name, value in vals.items() if name != "superior_name"})
        if "superior_name" in vals:
            self._report_by_name([vals["superior_name"]] * len(self))
        return result

    # BUSINESS
    @api.model
    def _import_columns(self):
        return [
            ("lead_id", self.env._("Boiler retrofit")),
            ("partner_id", self.env._("Example Power Ltd, Chen Wei")),
            ("superior_name", ""),
            ("formal_level", self.env._("Vice President")),
            ("mh_role", "eb"),
            ("influence", "4"),
            ("political", "inner_circle"),
            ("attitude", "0"),
            ("coverage", "brief"),
            ("business_agenda", ""),
            ("strategy", ""),
        ]

    def _report_by_name(self, names):
        """Draw the reporting lines; superiors stand above in the file, or in the chain already."""
        if not any(names):
            return
        there = {
            (person.lead_id, person.display_name.strip().lower()): person
            for person in self.search([("lead_id", "in", self.lead_id.ids)])
        }
        for person, name in zip(self, names, strict=True):
            if not name:
                continue
            superior = there.get((person.lead_id, name.strip().lower()))
            if not superior:
                raise ValidationError(
                    self.env._(
                        "%(person)s reports to %(superior)s, who doesn't stand in the decision chain of %(deal)s: put "
                        "the superior's row above, with the contact's name as Odoo has it.",
                        person=person.display_name,
                        superior=name,
                        deal=person.lead_id.name,
                    )
                )
            person.reports_to_id = superior
