from odoo import api, fields, models, tools

from .kams_process_phase import PHASE_CODES

PLACES = [
    ("deal", "Deal"),
    ("meeting", "Meeting"),
    ("stakeholder", "Decision Chain"),
    ("competitor", "Competitors"),
    ("qualification", "Judging the Opportunity"),
    ("survey", "Survey"),
    ("review", "Review"),
    ("plan", "Plan"),
    ("objection", "Objections"),
    ("tender", "Tenders"),
    ("negotiation", "Negotiations"),
]


class KamsTechnique(models.Model):
    """How good salespeople do one thing: when it helps, the steps, what to do and what not to.

    Book sections 3.7 (必要的客户开发技巧) and 6.6 (投标技巧). Shown where it helps, one card at a time.
    """

    _name = "kams.technique"
    _description = "Sales technique"
    _inherit = ["kams.kept.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    # Where it is shown
    phase_from = fields.Selection(PHASE_CODES, string="From Phase", required=True, default="development")
    phase_to = fields.Selection(PHASE_CODES, string="To Phase", help="Empty: to the end.")
    place = fields.Selection(PLACES, string="Shown On", help="The page that offers it, beside the deal's own.")
    # What it says
    situation = fields.Text(translate=True, help="When it helps.")
    steps = fields.Text(translate=True)
    dos = fields.Text(string="Do", translate=True)
    donts = fields.Text(string="Don't", translate=True)
    legal_limit = fields.Text(translate=True, help="What the law forbids or demands here, with statute and article.")
    source = fields.Char(help="Where the technique comes from.")

    # BUSINESS
    @api.model
    @tools.ormcache("phase_code")
    def _of_phase(self, phase_code):
        """Ids of the techniques that help in a phase, in order, at hand. sudo: all who sell may read techniques."""
        order = [code for code, _label in PHASE_CODES]
        now = order.index(phase_code)
        return tuple(
            technique.id
            for technique in self.sudo().search([])
            if order.index(technique.phase_from) <= now
            and (not technique.phase_to or now <= order.index(technique.phase_to))
        )

    @api.model
    @tools.ormcache("phase_code", "self.env.lang")
    def _names_of_phase(self, phase_code):
        """Their names in the user's language, in order, at hand. sudo: all who sell may read techniques."""
        return " · ".join(self.sudo().browse(self._of_phase(phase_code)).mapped("name"))
