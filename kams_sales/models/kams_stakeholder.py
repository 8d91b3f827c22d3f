from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .res_partner_personal import APART, GROUP

MH_ROLES = [
    ("eb", "Economic Buyer"),
    ("ub", "User Buyer"),
    ("tb", "Technical Buyer"),
    ("coach", "Coach"),
]
# "0" is what the star widget leaves when a star is taken back: kept as unknown
INFLUENCES = [
    ("0", "Not known"),
    ("1", "1 Very low"),
    ("2", "2 Low"),
    ("3", "3 Medium"),
    ("4", "4 High"),
    ("5", "5 Very high"),
]
POLITICAL = [
    ("outside", "Outside"),
    ("political_structure", "In the Political Structure"),
    ("inner_circle", "Inner Circle"),
]
COVERAGES = [
    ("none", "Not Met"),
    ("brief", "Met Briefly"),
    ("multiple", "Met Several Times"),
    ("in_depth", "Met in Depth"),
]
ATTITUDES = [
    ("-2", "Opponent"),
    ("-1", "Sceptical"),
    ("0", "Neutral"),
    ("1", "Supportive"),
    ("2", "Advocate"),
]
RESPONSE_MODES = [
    ("growth", "Growth"),
    ("trouble", "Trouble"),
    ("even_keel", "Even Keel"),
    ("overconfident", "Overconfident"),
]
ADAPTABILITY = [
    ("innovator", "Innovator"),
    ("visionary", "Visionary"),
    ("pragmatist", "Pragmatist"),
    ("conservative", "Conservative"),
    ("laggard", "Laggard"),
]
ORIENTATIONS = [
    ("business", "Business"),
    ("technical", "Technical"),
    ("financial", "Financial"),
    ("relationship", "Relationship"),
]
KEY = ("political_structure", "inner_circle")
DECIDES = {"decider", "approver"}
# Of Odoo's palette: red, orange, yellow, light blue, green; grey for unknown
COLORS = {"-2": 1, "-1": 2, "0": 3, "1": 4, "2": 10}


class KamsStakeholder(models.Model):
    """A person on whom a deal depends: what they do in the decision, how much they weigh, and where they stand.

    Book section 3.6 采购角色/决策链: the decision chain of a deal, drawn as an org chart.
    """

    _name = "kams.stakeholder"
    _description = "Stakeholder of a deal"
    _inherit = ["kams.deal.part", "mail.thread", "mail.activity.mixin"]
    _order = "influence desc nulls last, id"
    _rec_names_search = ["partner_id"]

    # Who
    lead_id = fields.Many2one(required=True)
    customer_id = fields.Many2one(related="lead_id.partner_id.commercial_partner_id", string="Customer")
    partner_id = fields.Many2one("res.partner", string="Contact", required=True, ondelete="restrict", index=True)
    function = fields.Char(related="partner_id.function", string="Position")
    formal_level = fields.Char(string="Formal Level", help="Where the organisation chart puts this person.")
    reports_to_id = fields.Many2one(
        "kams.stakeholder",
        string="Reports To",
        domain="[('lead_id', '=', lead_id), ('id', '!=', id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    child_ids = fields.One2many("kams.stakeholder", "reports_to_id", string="Reporting to Them")
    # Role and weight
    buying_role_ids = fields.Many2many("kams.buying.role", string="Buying Roles", tracking=True)
    mh_role = fields.Selection(
        MH_ROLES,
        string="Buyer Type",
        tracking=True,
        help="Economic buyer: gives the final yes, one in a deal. User buyer: judges what it does to their own work. "
        "Technical buyer: can say no, never the final yes. Coach: guides us.",
    )
    influence = fields.Selection(INFLUENCES, help="How much this person weighs in the decision.")
    political = fields.Selection(
        POLITICAL,
        string="Political Position",
        help="Inner circle: decides with those on top. In the political structure: has their ear. Outside: neither.",
    )
    is_key_player = fields.Boolean(
        string="Key Player",
        compute="_compute_is_key_player",
        store=True,
        help="In the inner circle or the political structure.",
    )
    # Where they stand, and how well we know it
    attitude = fields.Selection(
        ATTITUDES, tracking=True, help="Towards our offer, as shown by what they do. Empty: not known."
    )
    coverage = fields.Selection(COVERAGES, string="Contact So Far", required=True, default="none")
    color = fields.Integer(compute="_compute_color", help="Of the attitude, as cards show it.")
    response_mode = fields.Selection(
        RESPONSE_MODES,
        string="Response Mode",
        help="Growth: wants more. Trouble: has a problem to mend. Even keel: sees no need. Overconfident: sees less "
        "need than there is.",
    )
    adaptability = fields.Selection(ADAPTABILITY, string="Adaptability to Change")
    decision_orientation = fields.Selection(ORIENTATIONS, string="Decides By")
    business_agenda = fields.Text(string="Business Agenda", help="What this person wants for their work.")
    # one agenda a person, with the contact's other personal data: kept on a basis, erased when its time is over
    personal_agenda = fields.Text(
        related="partner_id.kams_agenda",
        string="Personal Agenda",
        readonly=False,
        groups=GROUP,
        prefetch=APART,
        help="What this person wants for themselves: personal data, kept with the contact.",
    )
    criterion_ids = fields.One2many("kams.stakeholder.criterion", "stakeholder_id", string="Decision Criteria")
    win_result = fields.Text(string="Win", help="What this person gains if we are chosen.")
    # What we do about it
    red_flag = fields.Char(string="Red Flag", help="What may go wrong with this person, or what we don't know.")
    strategy = fields.Text(help="How we win this person, or live with them.")
    user_id = fields.Many2one(
        "res.users",
        string="Our Contact Person",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index="btree_not_null",
    )
    next_action = fields.Char(string="Next Action")

    _economic_buyer_uniq = models.UniqueIndex("(lead_id) WHERE mh_role = 'eb'", "A deal has one economic buyer.")
    _partner_uniq = models.UniqueIndex("(lead_id, partner_id)", "This contact stands in the decision chain already.")

    # COMPUTES
    @api.depends("partner_id.name")
    def _compute_display_name(self):
        for stakeholder in self:
            stakeholder.display_name = stakeholder.partner_id.name or ""

    @api.depends("political")
    def _compute_is_key_player(self):
        for stakeholder in self:
            stakeholder.is_key_player = stakeholder.political in KEY

    @api.depends("attitude")
    def _compute_color(self):
        for stakeholder in self:
            stakeholder.color = COLORS.get(stakeholder.attitude, 0)

    # CONSTRAINTS
    @api.constrains("lead_id", "reports_to_id")
    def _check_reports_to(self):
        for stakeholder in self.filtered("reports_to_id"):
            superior = stakeholder.reports_to_id
            if superior.lead_id != stakeholder.lead_id:
                raise ValidationError(
                    self.env._(
                        "%(person)s can't report to %(superior)s, who stands in the decision chain of another deal.",
                        person=stakeholder.display_name,
                        superior=superior.display_name,
                    )
                )
        if self._has_cycle("reports_to_id"):
            raise ValidationError(
                self.env._(
                    "%s would report to themselves: somebody on the way up reports to them already.",
                    ", ".join(self.mapped("display_name")),
                )
            )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._without_naught(vals) for vals in vals_list]
        names = ("lead_id", "partner_id", "mh_role")
        defaults = {name: self.env.context.get(f"default_{name}") for name in names}
        self._refuse_doubles([tuple(vals.get(name, defaults[name]) for name in names) for vals in vals_list])
        return super().create(vals_list)

    def write(self, vals):
        vals = self._without_naught(vals)
        chiefs = "mh_role" in vals and self.filtered(lambda person: person.mh_role == "eb")
        if not {"lead_id", "partner_id", "mh_role"}.isdisjoint(vals):
            self._refuse_doubles(
                [
                    (
                        vals.get("lead_id", person.lead_id.id),
                        vals.get("partner_id", person.partner_id.id),
                        vals.get("mh_role", person.mh_role),
                    )
                    for person in self
                ]
            )
        result = super().write(vals)
        if chiefs:  # the place is free before somebody else takes it: rows of one statement would be refused
            chiefs.flush_recordset(["mh_role"])
        return result

    def unlink(self):
        """Who reported to somebody that goes reports to their superior, or to nobody."""
        self.check_access("unlink")
        for child in self.child_ids - self:
            superior = child.reports_to_id
            while superior in self:
                superior = superior.reports_to_id
            child.reports_to_id = superior
        return super().unlink()

    # BUSINESS
    @api.model
    def _without_naught(self, vals):
        return {**vals, "influence": False} if vals.get("influence") == "0" else vals

    def _refuse_doubles(self, places):
        """Name who is there already, before the database refuses without a name.

        :param places: of each ``(deal's id, contact's id, role)`` as it will be
        """
        # sudo: one economic buyer is one, whoever may see them; who writes here sees the deal and its chain
        others = self.sudo().search_fetch(
            [("lead_id", "in", [place[0] for place in places]), ("id", "not in", self.ids)],
            ["lead_id", "partner_id", "mh_role"],
        )
        contacts = {(other.lead_id.id, other.partner_id.id) for other in others}
        buyers = {other.lead_id.id: other.partner_id.id for other in others if other.mh_role == "eb"}
        for lead_id, partner_id, role in places:
            # sudo: the names are those of a deal and a contact that the user writes down here
            deal = self.env["crm.lead"].sudo().browse(lead_id)
            partner = self.env["res.partner"].sudo().browse(partner_id)
            if (lead_id, partner_id) in contacts:
                raise ValidationError(
                    self.env._(
                        "%(person)s stands in the decision chain of %(deal)s already: open the entry that is there.",
                        person=partner.name,
                        deal=deal.name,
                    )
                )
            contacts.add((lead_id, partner_id))
            if role == "eb":
                if lead_id in buyers:
                    raise ValidationError(
                        self.env._(
                            "%(deal)s has an economic buyer already: %(buyer)s. Only one person gives the final yes: "
                            "give %(buyer)s another role before %(person)s gets this one.",
                            deal=deal.name,
                            buyer=partner.browse(buyers[lead_id]).name,
                            person=partner.name,
                        )
                    )
                buyers[lead_id] = partner_id
