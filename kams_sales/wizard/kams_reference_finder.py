from odoo import api, fields, models


class KamsReferenceFinder(models.TransientModel):
    """Whom to visit with this customer: all references, the most alike first, and why some can't be visited (5.4)."""

    _name = "kams.reference.finder"
    _description = "Find a reference customer"

    event_id = fields.Many2one("calendar.event", string="Meeting", required=True, ondelete="cascade")
    lead_id = fields.Many2one(related="event_id.opportunity_id", string="Deal")
    line_ids = fields.One2many("kams.reference.finder.line", "finder_id", string="Reference Customers")
    company_id = fields.Many2one(related="event_id.opportunity_id.company_id")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        finders = super().create(vals_list)
        for finder in finders:
            finder._find()
        return finders

    # BUSINESS
    def _find(self):
        event, deal = self.event_id, self.event_id.opportunity_id
        company = deal.company_id or self.env.company
        references = self.env["kams.reference"].search([("company_id", "=", company.id)])
        # nobody is shown around at their own place
        references = references.filtered(
            lambda one: one.partner_id.commercial_partner_id != deal.partner_id.commercial_partner_id
        )
        day = event._kams_day()
        obstacles, visits = references._obstacles(day, without=event), references._visits(day, without=event)
        alike = references._similarity(deal)
        ranked = references.sorted(lambda one: (bool(obstacles[one]), -(alike[one][0] or 0), one.name))
        self.env["kams.reference.finder.line"].create(
            [
                {
                    "finder_id": self.id,
                    "reference_id": reference.id,
                    "similarity": str(alike[reference][0] or "") or False,
                    "why": alike[reference][1],
                    "visits": visits.get(reference.id, 0),
                    "offered": not obstacles[reference],
                    "obstacles": "\n".join(obstacles[reference]),
                }
                for reference in ranked
            ]
        )


class KamsReferenceFinderLine(models.TransientModel):
    """One reference customer as a candidate for a visit."""

    _name = "kams.reference.finder.line"
    _description = "Candidate for a reference visit"

    finder_id = fields.Many2one("kams.reference.finder", required=True, ondelete="cascade")
    reference_id = fields.Many2one("kams.reference", string="Reference", required=True, ondelete="cascade")
    contact_id = fields.Many2one(related="reference_id.contact_id")
    application = fields.Text(related="reference_id.application")
    similarity = fields.Selection(
        [(str(mark), f"{mark} / 5") for mark in range(1, 6)],
        help="How alike this reference and the customer are: industry, size and application, weighed. What isn't known "
        "doesn't count.",
    )
    why = fields.Text(string="Compared")
    visits = fields.Integer(string="Visits That Quarter")
    offered = fields.Boolean()
    obstacles = fields.Text(string="Not Offered Because")

    # ACTIONS
    def action_choose(self):
        """Visit this reference; whether that is possible is asked once more."""
        self.ensure_one()
        self.finder_id.event_id.kams_reference_id = self.reference_id
        return {"type": "ir.actions.act_window_close"}
