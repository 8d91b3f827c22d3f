from odoo import api, fields, models
from odoo.tools import SQL


class ProductCategory(models.Model):
    """What we offer, as the whitespace grid has it: a product category is an offering (2.4 客户机会分析)."""

    _inherit = "product.category"

    kams_is_offering = fields.Boolean(
        string="Offering",
        help="A column of the whitespace grid. As long as no category is marked, every category that was ever sold is.",
    )

    @api.model
    def _kams_offerings(self, company):
        """The offerings of a company: the marked categories, else those it has ever sold."""
        marked = self.search([("kams_is_offering", "=", True)])
        if marked:
            return marked
        self.env["account.move.line"].flush_model(["product_id", "company_id", "parent_state", "move_id"])
        self.env["account.move"].flush_model(["move_type"])
        self.env["product.template"].flush_model(["categ_id"])
        # which categories were sold is no secret to who reads categories; LATERAL stops at a category's first line
        rows = self.env.execute_query(
            SQL(
                """
                SELECT category.id
                  FROM product_category category,
                       LATERAL (
                           SELECT 1
                             FROM product_template template
                             JOIN product_product product ON product.product_tmpl_id = template.id
                             JOIN account_move_line line ON line.product_id = product.id
                             JOIN account_move move ON move.id = line.move_id
                            WHERE template.categ_id = category.id
                              AND line.company_id = %s
                              AND line.parent_state = 'posted'
                              AND move.move_type = 'out_invoice'
                            LIMIT 1
                       ) sold
                """,
                company.id,
            )
        )
        return self.browse([id_ for (id_,) in rows])

    def _kams_nearest(self, offerings):
        """``{category id: offering id}``: the category itself or the nearest one above it that is an offering."""
        wanted = set(offerings.ids)
        nearest = {}
        for category in self:
            line = [int(id_) for id_ in (category.parent_path or "").split("/") if id_]
            nearest[category.id] = next((id_ for id_ in reversed(line) if id_ in wanted), False)
        return nearest
