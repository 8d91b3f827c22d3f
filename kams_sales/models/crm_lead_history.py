from odoo import api, models
from odoo.tools import SQL, split_every

from .crm_lead import PLAIN
from .crm_lead_gate import GATE, PASS, REFUSED, InternalPass
from .kams_deal_history import WATCHED

CHANGED = "kams.changed"  # precommit data: set of ids of deals whose state may have changed
LOST = "kams.lost"  # precommit data: {deal id: reason}: a link that the database took from deal and history alike
GONE = "kams.gone"  # precommit data: {deal id: (status, note)}
VERIFY_BATCH = 1000


class CrmLead(models.Model):
    """Deals tell the history when their state may have changed; it is written once, at precommit."""

    _inherit = "crm.lead"

    # ORM
    def _create(self, data_list):
        leads = super()._create(data_list)
        leads._kams_note_state(leads._kams_maybe_deals())
        return leads

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        maybe = set(self._kams_maybe_deals())
        if maybe and any("company_id" in vals for vals in vals_list):
            self.env["kams.control.check"].sudo()._follow_company(maybe)  # sudo: rows are the engine's
        if maybe and any("user_id" in vals for vals in vals_list):
            self.env["kams.control.check"].sudo()._note_waivers(maybe)  # sudo: rows are the engine's
        self._kams_note_state(
            id_
            for id_, vals in zip(self._ids, vals_list, strict=True)
            if ("kams_process_id" in vals or id_ in maybe) and not WATCHED.isdisjoint(vals)
        )
        return result

    def unlink(self):
        merged_into = self.env.context.get("kams_merged_into")
        ends, left = {}, {}
        deals = self._kams_process_ids()
        self.env.cr.precommit.data.setdefault(PLAIN, set()).update(set(self.ids) - deals.keys())
        if deals:
            status = ("merged", merged_into.note) if isinstance(merged_into, InternalPass) else ("deleted", None)
            ends = dict.fromkeys(deals, status)
            left = self._kams_threads(list(deals))
        result = super().unlink()
        self._kams_forget(left)
        if ends:
            self._kams_precommit_data(GONE, dict).update(ends)
        return result

    # BUSINESS
    def _merge_get_fields(self):
        """A deal that runs under a process brings it into the merged one."""
        return [*super()._merge_get_fields(), "kams_process_id", "kams_procurement_mode", "kams_legal_regime"]

    def _merge_opportunity(self, user_id=False, team_id=False, auto_unlink=True, max_length=5):
        """Say in the history of the merged-away deals which deal they went into."""
        head = self._sort_by_confidence_level(reverse=True)[:1]
        merged = self.with_context(kams_merged_into=InternalPass(head.display_name))
        result = super(CrmLead, merged)._merge_opportunity(
            user_id=user_id, team_id=team_id, auto_unlink=auto_unlink, max_length=max_length
        )
        return result.with_context(self.env.context)

    def _update_automated_probabilities(self):
        """Lead scoring writes past the ORM; the history is told afterwards."""
        result = super()._update_automated_probabilities()
        self._kams_verify_history()
        return result

    @api.model
    def _kams_ids_linked(self, fname, records):
        """Ids of the deals that lead to ``records``: asked before the database itself changes these links."""
        if not records:
            return []
        self.flush_model([fname])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM crm_lead WHERE %s = ANY(%s) AND kams_process_id IS NOT NULL",
                SQL.identifier(fname),
                records.ids,
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _kams_note_state(self, ids):
        ids = list(ids)
        if ids:
            self._kams_precommit_data(CHANGED, set).update(ids)

    @api.model
    def _kams_note_lost_link(self, deal_ids, reason):
        """Remember deals whose link the database set null: their history lost it too, so both look alike."""
        self._kams_note_state(deal_ids)
        self.env.cr.precommit.data.setdefault(LOST, {}).update(dict.fromkeys(deal_ids, reason))

    @api.model
    def _kams_precommit_data(self, key, kind):
        precommit = self.env.cr.precommit
        if CHANGED not in precommit.data and GONE not in precommit.data:
            precommit.add(self._kams_write_history)
        return precommit.data.setdefault(key, kind())

    @api.model
    def _kams_write_history(self):
        """Write what happened to deals in this transaction. Runs before every commit and savepoint."""
        self.flush_model(WATCHED)
        data = self.env.cr.precommit.data
        if refused := data.pop(REFUSED, None):
            self.with_context(**{PASS: None}).browse(refused).exists()._kams_gate()
        changed, gone = data.pop(CHANGED, set()), data.pop(GONE, {})
        lost = data.pop(LOST, {})
        hints = {id_: (reason, "none", None) for id_, reason in lost.items()} | data.pop(GATE, {})
        # sudo: history is nobody's to write; what is written comes from the deals themselves
        history = self.env["kams.deal.history"].sudo()
        history._bury(gone)
        hints = {id_: hint for id_, hint in hints.items() if id_ in changed}
        history._record(changed - gone.keys(), hints, forced=lost)

    @api.model
    def _kams_verify_history(self):
        """Compare all deals under a process with their history, and catch up on what no hook saw."""
        rows = self.env.execute_query(SQL("SELECT id FROM crm_lead WHERE kams_process_id IS NOT NULL ORDER BY id"))
        history = self.env["kams.deal.history"].sudo()  # sudo: as in _kams_write_history
        for batch in split_every(VERIFY_BATCH, [id_ for (id_,) in rows], list):
            history._record(batch)

    @api.model
    def _cron_kams_verify(self):
        """Nightly: history against deals, and every check against its evidence."""
        self.flush_model()
        self._kams_verify_history()
        check = self.env["kams.control.check"].sudo()  # sudo: rows are the engine's
        rows = self.env.execute_query(
            SQL(
                "SELECT lead.id, %s FROM crm_lead lead WHERE lead.kams_process_id IS NOT NULL ORDER BY lead.id",
                check._still_asked("lead"),
            )
        )
        for batch in split_every(VERIFY_BATCH, rows, list):
            check._refresh_all([id_ for id_, asked in batch if asked])
            self._kams_write_cards([id_ for id_, _asked in batch])
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return
