from odoo import fields, models


class KamsBuyingRole(models.Model):
    """What somebody does while a customer buys: start it, use it, advise, decide, approve, order, let people in.

    Book section 3.6 采购角色. A person may have several.
    """

    _name = "kams.buying.role"
    _description = "Buying role"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="The technical name that control points and advice look for.")
    sequence = fields.Integer(default=10)
    description = fields.Char(translate=True, help="How to recognise who has this role.")
    color = fields.Integer()

    _code_uniq = models.UniqueIndex("(code)", "Two buying roles can't share one code.")
