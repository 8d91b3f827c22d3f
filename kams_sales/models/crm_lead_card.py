from odoo import api, fields, models
from odoo.tools import SQL

from .crm_lead_history import CHANGED, GONE
from .crm_lead_standing import MET
from .kams_check_engine import PENDING

CARDS = "kams.cards"  # precommit data: set of ids of deals whose card may have changed


class CrmLead(models.Model):
    """What a deal's card in the pipeline says, kept ready: cards are read far more often than deals change.

    It changes only with a check or with the phase, which the check engine and the history tell, and with the
    deadline of a tender; days are
    counted where the card is drawn. Cards lie in a small table beside the deals: writing one touches none of
    the deal's many indexes, and evidence that is recorded locks no deal.
    """

    _inherit = "crm.lead"

    kams_card = fields.Char(
        string="Card",
        compute="_compute_kams_card",
        help="Points met in this phase, the first one missing, and since when the deal stands there, as JSON.",
    )

    # SQL objects
    def init(self):
        super().init()
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kams_deal_card (
                lead_id integer PRIMARY KEY REFERENCES crm_lead ON DELETE CASCADE,
                says text NOT NULL
            )
            """
        )

    # COMPUTES
    @api.depends("kams_process_id", "kams_phase_id")
    def _compute_kams_card(self):
        """One statement for all deals under a process, none for plain ones."""
        deals = self._origin.filtered("kams_process_id")
        rows = deals and self.env.execute_query(
            SQL("SELECT lead_id, says FROM kams_deal_card WHERE lead_id = ANY(%s)", list(deals._ids))
        )
        cards = dict(rows or ())
        # all at once: eighty assignments would cost more than finding out what they say
        ids = [id_ or id_.origin for id_ in self._ids]
        self._fields["kams_card"]._insert_cache(self, [cards.get(id_) for id_ in ids])

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{k: v for k, v in vals.items() if k != "kams_card"} for vals in vals_list])

    def write(self, vals):
        return super().write({k: v for k, v in vals.items() if k != "kams_card"} if "kams_card" in vals else vals)

    def web_read(self, specification):
        """Cards that are read in the transaction that changes their deals show them as they are now."""
        data = self.env.cr.precommit.data
        if "kams_card" in specification and not data.keys().isdisjoint((PENDING, CHANGED, GONE, CARDS)):
            self.env["kams.control.check"].sudo()._refresh_pending()  # sudo: the engine's own bookkeeping
            self._kams_write_history()
            self._kams_write_cards()
        return super().web_read(specification)

    # BUSINESS
    @api.model
    def _kams_note_card(self, ids):
        """Remember deals whose checks or phase changed."""
        if ids:
            precommit = self.env.cr.precommit
            if CARDS not in precommit.data:
                precommit.add(self._kams_write_cards)
            precommit.data.setdefault(CARDS, set()).update(ids)

    @api.model
    def _kams_write_cards(self, ids=()):
        """Bring these cards, and those noted, up to date: one statement, however many.

        A card says ``{"done", "total", "missing": {"code", "name": {language: name}}, "since",
        "standard", "stagnant", "bid"}``; standard and stagnant (the days after which it is) are days, ``since`` and
        ``bid``, the next bid deadline, are UTC. What is usual of won deals is asked at night, cards follow then.
        """
        noted = self.env.cr.precommit.data.pop(CARDS, set())
        ids = sorted(noted.union(ids))
        if not ids or not getattr(self.pool, "kams_watching", False):  # when the addon goes, its cards are gone first
            return
        self.flush_model(["kams_phase_id", "company_id"])
        self.env["kams.tender"].flush_model(["lead_id", "bid_deadline", "state"])
        self.env.execute_query(
            SQL(
                """
                WITH plain AS (
                    DELETE FROM kams_deal_card card USING crm_lead lead
                     WHERE lead.id = card.lead_id AND lead.id = ANY(%(ids)s) AND lead.kams_phase_id IS NULL
                )
                INSERT INTO kams_deal_card (lead_id, says)
                SELECT lead.id,
                       json_build_object(
                           'done', points.total - COALESCE(cardinality(points.missing), 0),
                           'total', points.total,
                           'missing', points.missing[1],
                           'since', to_char(COALESCE(history.phase_since, %(now)s), 'YYYY-MM-DD"T"HH24:MI:SS'),
                           'standard', phase.standard_days,
                           'stagnant', %(stagnant_after)s,
                           'bid', to_char(tender.bid_deadline, 'YYYY-MM-DD"T"HH24:MI:SS')
                       )::text
                  FROM crm_lead lead
                  JOIN kams_process_phase phase ON phase.id = lead.kams_phase_id
             LEFT JOIN kams_deal_history history ON history.lead_ref = lead.id AND history.valid_to IS NULL
            CROSS JOIN LATERAL (
                       SELECT count(*) AS total,
                              array_agg(json_build_object('code', p.code, 'name', p.name) ORDER BY p.sequence, p.id)
                                  FILTER (WHERE c.state NOT IN %(met)s) AS missing
                         FROM kams_control_point p
                         JOIN kams_control_check c ON c.point_id = p.id AND c.lead_id = lead.id
                        WHERE p.phase_id = lead.kams_phase_id AND p.level = 'mandatory' AND c.state != 'na'
                       ) AS points
            CROSS JOIN LATERAL (
                       SELECT min(t.bid_deadline) AS bid_deadline
                         FROM kams_tender t
                        WHERE t.lead_id = lead.id AND t.state IN ('registered', 'preparing')
                       ) AS tender
                 WHERE lead.id = ANY(%(ids)s)
                ON CONFLICT (lead_id) DO UPDATE SET says = EXCLUDED.says
                 WHERE kams_deal_card.says IS DISTINCT FROM EXCLUDED.says
                RETURNING lead_id
                """,
                now=self.env.cr.now(),
                met=MET,
                ids=ids,
                stagnant_after=self.env["kams.lack"]._stagnant_after(
                    "phase", SQL("lead.company_id"), fields.Date.today()
                ),
            )
        )
        self.invalidate_model(["kams_card"], flush=False)
