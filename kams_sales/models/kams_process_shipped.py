from lxml import etree

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import file_path

CATALOGUE = "kams_sales/data/kams_control_point.xml"
# What earlier versions shipped until the chapters brought evidence of their own
STARTERS = (
    *("S1-O1", "S1-O2", "S1-O3", "S2-O1", "S2-O2", "S2-O3", "S2-O4"),
    *("S3-O1", "S3-O2", "S3-O3", "S4-O1", "S4-O2", "S5-O1", "S5-O2", "S5-O3", "S6-O1", "S6-O2"),
)


class KamsProcess(models.Model):
    """A process that is in force never changes, so what a new version of the addon ships goes into a draft of it."""

    _inherit = "kams.process"

    def action_add_shipped_points(self):
        """Add to drafts the shipped control points that their phases lack, in place of the starter ones."""
        self.check_access("write")
        for process in self:
            if process.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is in use and keeps its control points. Make a new version and add them there.",
                        process.display_name,
                    )
                )
            process._add_shipped_points()
        return True

    # BUSINESS
    @api.model
    def _offer_shipped_points(self):
        """Offer what this version of the addon ships in a draft of the shipped process, for its migrations.

        The version in force stays as deals rely on it; a director reads the draft and activates it.
        """
        process = self.env.ref("kams_sales.process_default", raise_if_not_found=False)
        if not process:
            return
        codes = {vals["code"] for _phase, _xmlid, vals in self._shipped_points()}
        newest = process._versions().sorted("version")[-1:]
        if newest.state == "active" and not codes <= set(newest.point_ids.mapped("code")):
            newest.action_new_version()
            newest = process._versions().sorted("version")[-1:]
        if newest.state == "draft":
            newest._add_shipped_points()

    def _add_shipped_points(self):
        """Points under their external ids where these are free, so that they are translated like all data."""
        catalogue = self._shipped_points()
        made = self.env["kams.control.point"]
        for phase in self.phase_ids:
            shipped = [vals for code, _xmlid, vals in catalogue if code == phase.code]
            codes = {vals["code"] for vals in shipped}
            if not codes:
                continue
            phase.point_ids.filtered(lambda point: point.code in STARTERS).unlink()
            present = set(self.point_ids.mapped("code"))
            for code, xmlid, vals in catalogue:
                if code == phase.code and vals["code"] not in present:
                    point = made.create({**vals, "phase_id": phase.id})
                    made |= point
                    if not self.env.ref(f"kams_sales.{xmlid}", raise_if_not_found=False):
                        # sudo: a director may name a point that they just made
                        self.env["ir.model.data"].sudo().create(
                            {
                                "module": "kams_sales",
                                "name": xmlid,
                                "model": point._name,
                                "res_id": point.id,
                                "noupdate": True,
                            }
                        )
        if made:
            languages = [code for code, _name in self.env["res.lang"].get_installed()]
            # sudo: loads what the addon's own files say of its own records
            self.env["ir.module.module"].sudo()._load_module_terms(["kams_sales"], languages)
        return made

    @api.model
    def _shipped_points(self):
        """``[(phase code, external id, values), ...]`` as the addon's data file has them."""
        points = []
        for record in etree.parse(file_path(CATALOGUE)).iterfind("record"):
            vals = {field.get("name"): field.text for field in record.iterfind("field") if not field.get("ref")}
            phase = record.find("field[@name='phase_id']").get("ref").removeprefix("phase_")
            points.append((phase, record.get("id"), vals))
        return points
