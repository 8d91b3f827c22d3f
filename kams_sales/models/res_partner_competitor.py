from odoo import Command, api, fields, models

from .blank import known
from .insiders import INSIDERS


class ResPartner(models.Model):
    """What we know of a competitor from all deals on which we met (3.6 竞争对手分析).

    The mark stands in the contact's own row, so that the form of any other contact asks nothing more.
    """

    _inherit = "res.partner"

    kams_is_competitor = fields.Boolean(
        string="Competitor",
        readonly=True,
        copy=False,
        prefetch="kams_competitor",  # never along with an address
        help="Has been listed as a competitor on a deal.",
        groups="base.group_user",
    )
    kams_competitor_sheet = fields.Html(
        string="As a Competitor", compute="_compute_kams_competitor_sheet", sanitize=False, groups=INSIDERS
    )

    # COMPUTES
    @api.depends("kams_is_competitor")
    def _compute_kams_competitor_sheet(self):
        """As far as the user may see the deals."""
        rivals = self.filtered("kams_is_competitor")
        sheets = self.env["kams.competitor"]
        if rivals:
            sheets = sheets.search([("partner_id", "in", rivals.ids)], order="create_date desc, id desc")
        by_partner = sheets.grouped("partner_id")
        for partner in self:
            found = by_partner.get(partner._origin)
            partner.kams_competitor_sheet = found and self.env["ir.qweb"]._render(
                "kams_sales.kams_competitor_sheet", found._summary()
            )

    # ACTIONS
    def action_kams_competitor_deals(self):
        """The deals on which we met this competitor."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_competitor_action")
        return {**action, "domain": [("partner_id", "=", self.id)], "context": {"default_partner_id": self.id}}

    # BUSINESS
    def _kams_mark_competitors(self):
        """Mark who is listed on a deal, and only those."""
        # sudo: a mark on a contact that the user may not write; it names no deal
        listed = self.env["kams.competitor"].sudo()._read_group([("partner_id", "in", self.ids)], ["partner_id"])
        listed = self.browse(partner.id for (partner,) in listed)
        for partners, mark in ((listed, True), (self - listed, False)):
            partners.sudo().filtered(lambda one, mark=mark: one.kams_is_competitor != mark).kams_is_competitor = mark


class KamsCompetitor(models.Model):
    """What the sheets of one competitor say together."""

    _inherit = "kams.competitor"

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        competitors = super().create(vals_list)
        competitors.partner_id._kams_mark_competitors()
        return competitors

    def write(self, vals):
        if "partner_id" not in vals:
            return super().write(vals)
        before = self.partner_id
        result = super().write(vals)
        (before | self.partner_id)._kams_mark_competitors()
        return result

    def unlink(self):
        partners = self.partner_id
        result = super().unlink()
        partners._kams_mark_competitors()
        return result

    # BUSINESS
    def _merge_into(self, kept):
        """Two sheets of one competitor on one deal become one: texts are joined, gaps filled, the worst threat kept."""
        for sheet in self:
            vals = {"stakeholder_ids": [Command.link(person.id) for person in sheet.stakeholder_ids]}
            for name in ("strengths", "weaknesses", "our_counter", "product"):
                texts = dict.fromkeys(filter(None, (kept[name], sheet[name])))
                vals[name] = (" / " if name == "product" else "\n").join(texts) or False
            for name in ("price_level", "likely_strategy", "our_counter_strategy", "threat"):
                vals[name] = kept[name] or sheet[name]
            if not kept.price_estimate:
                vals |= {"price_estimate": known(sheet.price_estimate), "currency_id": sheet.currency_id.id}
            vals["threat"] = max(filter(None, (kept.threat, sheet.threat)), default=False)
            vals["result"] = kept.result if kept.result != "open" else sheet.result
            sheet.unlink()
            kept.write(vals)

    def _summary(self):
        """Plain values for the competitor's page: how often we met, how it ended, what was noted."""
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("result", "price_level", "likely_strategy")
        }
        threats = [float(sheet.threat) for sheet in self if sheet.threat]
        results = self.mapped("result")
        return {
            "figures": [
                (self.env._("Deals met on"), str(len(self))),
                (
                    self.env._("Won against them"),
                    str(results.count("lost") + results.count("withdrew")),
                ),
                (self.env._("Lost to them"), str(results.count("won"))),
                (self.env._("Still open"), str(results.count("open"))),
                (self.env._("Average threat"), f"{sum(threats) / len(threats):.1f}" if threats else "–"),
            ],
            "spreads": [
                (self._fields[name]._description_string(self.env), self._spread(name, labels[name]))
                for name in ("price_level", "likely_strategy")
                if any(self.mapped(name))
            ],
            "notes": [
                {
                    "deal": sheet.lead_id.display_name,
                    "result": labels["result"][sheet.result],
                    "strengths": sheet.strengths or "",
                    "weaknesses": sheet.weaknesses or "",
                    "counter": sheet.our_counter or "",
                }
                for sheet in self
                if sheet.strengths or sheet.weaknesses or sheet.our_counter
            ],
        }

    def _spread(self, name, labels):
        counts = {}
        for value in filter(None, self.mapped(name)):
            counts[value] = counts.get(value, 0) + 1
        return " · ".join(f"{labels[value]} {counts[value]}" for value in labels if value in counts)


class MergePartnerAutomatic(models.TransientModel):
    """Contacts that turn out to be one competitor keep one sheet on each deal: the SQL would delete the second."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        partners = src_partners | dst_partner
        rivals = partners.filtered("kams_is_competitor")
        # sudo: whoever may merge contacts merges what hangs on them, seen or not
        sheets = self.env["kams.competitor"].sudo()
        if rivals:
            sheets = sheets.search([("partner_id", "in", rivals.ids)])
        for same in sheets.grouped("lead_id").values():
            kept = same.filtered(lambda sheet: sheet.partner_id == dst_partner)[:1] or same[:1]
            (same - kept)._merge_into(kept)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        if sheets:
            sheets.exists().invalidate_recordset(["partner_id"])
            partners._kams_mark_competitors()
        return result
