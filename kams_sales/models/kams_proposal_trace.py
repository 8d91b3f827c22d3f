from odoo import api, fields, models


class KamsProposal(models.Model):
    """Which chapter answers which of the customer's requirements, and which requirement nobody answers (5.6).

    The matrix is drawn from the deal's requirements and the chapters' answers, musts first.
    """

    _inherit = "kams.proposal"

    requirement_count = fields.Integer(string="Number of Requirements", compute="_compute_trace")
    untraced_count = fields.Integer(
        string="Without a Chapter", compute="_compute_trace", help="Requirements that no chapter answers."
    )
    untraced_must_count = fields.Integer(string="Musts without a Chapter", compute="_compute_trace")
    trace_page = fields.Html(string="Trace Matrix", compute="_compute_trace_page", sanitize=False)

    # COMPUTES
    @api.depends("lead_id", "chapter_ids.requirement_ids")
    def _compute_trace(self):
        wanted = self._requirements()
        for proposal in self:
            requirements = wanted.get(proposal.lead_id._origin, self.env["kams.requirement"])
            untraced = requirements - proposal._answered()
            proposal.requirement_count = len(requirements)
            proposal.untraced_count = len(untraced)
            proposal.untraced_must_count = len(untraced.filtered("must"))

    @api.depends("lead_id", "chapter_ids.requirement_ids", "chapter_ids.name", "chapter_ids.sequence")
    @api.depends_context("lang")
    def _compute_trace_page(self):
        wanted = self._requirements()
        for proposal in self:
            requirements = wanted.get(proposal.lead_id._origin, self.env["kams.requirement"])
            proposal.trace_page = proposal._draw_trace(requirements)

    # BUSINESS
    def _requirements(self):
        """``{deal: its requirements, musts first}``; one search for any number of proposals."""
        # sudo: whoever may read the proposal may know what it is to answer
        found = self.env["kams.requirement"].sudo().search([("lead_id", "in", self.lead_id._origin.ids)])
        in_order = found.sorted(lambda one: (not one.must, -int(one.importance or 0), one.sequence, one.id))
        return {lead.with_env(self.env): requirements for lead, requirements in in_order.grouped("lead_id").items()}

    def _answered(self):
        """The requirements that some chapter answers."""
        return self.chapter_ids.sudo().requirement_ids._origin  # sudo: see _requirements

    def _trace_rows(self, requirements):
        """A row per requirement: what it is, and the numbers and names of the chapters that answer it."""
        self.ensure_one()
        chapters = self.chapter_ids.sorted(lambda one: (one.sequence, one._origin.id))
        answers = [  # sudo: see _requirements
            (place, chapter, chapter.sudo().requirement_ids._origin) for place, chapter in enumerate(chapters, 1)
        ]
        rows = []
        for requirement in requirements:
            places = [(place, chapter.name) for place, chapter, answered in answers if requirement in answered]
            rows.append({"requirement": requirement, "chapters": places})
        return rows

    def _draw_trace(self, requirements):
        importance = dict(requirements._fields["importance"]._description_selection(self.env))
        fits = dict(requirements._fields["fit"]._description_selection(self.env))
        values = {"rows": self._trace_rows(requirements), "importance": importance, "fits": fits}
        return self.env["ir.qweb"]._render("kams_sales.kams_proposal_trace", values)
