from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

PENDING = "kams.pending"  # precommit data: {(route, point id): set of ids of changed records}
JOINED = "kams.joined"  # precommit data: set of ids of deals that have no rows yet
DIRECT = ("crm.lead", "", "")  # the route of a change that already names its deals
# Fields of these types lead nowhere: the deals are the same before and after they change
NO_LINKS = {"boolean", "date", "datetime", "float", "html", "monetary", "selection", "text"}


class KamsControlCheck(models.Model):
    """The engine behind the checks: it notes what changed, asks just those points, and judges a move.

    It knows evidence as (model, domain) data only, and answers for any number of deals at once.
    """

    _inherit = "kams.control.check"

    # ENGINE: noticing
    @api.model
    def _note_change(self, records, watched, fnames, at_once=False):
        """Remember that watched fields of these records changed (see ``base.py``).

        :param watched: ``{field or None: {route: point ids}}`` of the records' model
        :param fnames: names of the changed fields; None among them for creation or deletion
        :param at_once: follow the way to the deals now, before the link goes away
        :return: ``{point id: deal ids}`` of the deals found at once
        """
        found = defaultdict(set)
        ids = [id_ for id_ in records._ids if id_]
        if not ids:
            return found
        if at_once:
            fnames = [name for name in fnames if name is None or records._fields[name].type not in NO_LINKS]
        hits = defaultdict(set)
        for name in fnames:
            for route, points in watched.get(name, {}).items():
                hits[route].update(points)
        if not hits:
            return found
        if records._name == "crm.lead":
            followers = self._ids_following(records, hits, fnames)
            ids = records._kams_maybe_deals()
            if at_once and any(route != DIRECT for route in hits):
                ids = list(records.browse(ids)._kams_known_deals())  # a plain deal leads to nobody's evidence
            ids = list({*ids, *followers})
            if not ids:
                return found
        pending = self._pending()
        for route, points in hits.items():
            if at_once and route == DIRECT:
                continue  # the deal stays the one to ask; what becomes of it is noted afterwards
            if at_once:
                route_ids, route = self._deals_on_route(records.browse(ids), route), DIRECT
            else:
                route_ids = ids
            for point in points:
                pending[route, point].update(route_ids)
                if at_once:
                    found[point].update(route_ids)
        return found

    def _ids_following(self, records, hits, fnames):
        """Ids of leads that are evidence of another deal though they may be plain: they say so in a link of their own.

        The cache is asked; the database only where that very link is written, so plain deals pay nothing.
        """
        links = {
            records._fields[prefix].inverse_name
            for model, prefix, _path in hits
            if model == records._name and prefix in records._fields and records._fields[prefix].type == "one2many"
        }
        ids = set()
        for link in links:
            if link in fnames and None not in fnames:
                ids.update(records.sudo().filtered(link)._ids)  # sudo: ids only, for the engine
            cache = records._fields[link]._get_cache(records.env)
            ids.update(id_ for id_ in records._ids if id_ and cache.get(id_))
        return ids

    @api.model
    def _note_points(self, deal_ids_by_point):
        """Ask these points about these deals again at the next refresh."""
        if not deal_ids_by_point:
            return
        pending = self._pending()
        for point, deal_ids in deal_ids_by_point.items():
            pending[DIRECT, int(point)].update(deal_ids)

    @api.model
    def _pending(self):
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = defaultdict(set)
            # sudo: checks are the engine's; env.uid stays the user who recorded the evidence
            precommit.add(self.sudo()._refresh_pending)
            self.env["crm.lead"]._kams_invalidate_counts()
        return precommit.data[PENDING]

    @api.model
    def _deals_on_route(self, records, route):
        """Ids of the deals that changed records lead to, along ``(evidence model, prefix, path)``."""
        evidence_model, prefix, path = route
        records = records.sudo().with_context(active_test=False)  # sudo: ids only, for the engine
        if prefix:
            records = (
                self.env[evidence_model].sudo().with_context(active_test=False).search([(prefix, "in", records.ids)])
            )
        else:
            records = records.exists()
        deals = records.mapped(path) if path else records
        return deals.ids

    # ENGINE: asking
    @api.model
    def _refresh_pending(self):
        """Ask the points again about just the deals whose evidence changed, in one batch."""
        self._flush_watched()
        pending = self.env.cr.precommit.data.pop(PENDING, None)
        if not pending:
            return
        by_route = {}
        deal_ids = defaultdict(set)
        for (route, point), ids in pending.items():
            if route == DIRECT:
                deal_ids[point] |= ids
                continue
            key = (route, frozenset(ids))
            if key not in by_route:
                model = self._changed_model(route)
                by_route[key] = self._deals_on_route(self.env[model].browse(ids), route)
            deal_ids[point].update(by_route[key])
        self._refresh({point: ids for point, ids in deal_ids.items() if ids})

    @api.model
    def _changed_model(self, route):
        """The model whose records a route starts from."""
        model = self.env[route[0]]
        for name in filter(None, route[1].split(".")):
            model = self.env[model._fields[name].comodel_name]
        return model._name

    @api.model
    def _flush_watched(self):
        """Let waiting writes and computations reach the hooks before anything is judged."""
        if not self.env._field_dirty and not self.env.transaction.tocompute:
            return  # nothing waits: the common case of reading
        self.env["crm.lead"].flush_model(["user_id"])  # a waiver depends on whose deal it is
        for model_name, by_field in self.env["kams.control.point"]._watch().items():
            names = [name for name in by_field if name and self.env[model_name]._fields[name].store]
            if names:
                self.env[model_name].flush_model(names)

    @api.model
    def _refresh(self, deal_ids_by_point):
        """Evaluate points on deals and store what changed.

        :param deal_ids_by_point: ``{point id: ids of deals}``; deals that don't run under the point's
            process, plain ones among them, are left out
        """
        lead = self.env["crm.lead"].sudo().with_context(active_test=False)  # sudo: the engine sees every deal
        all_ids = {id_ for ids in deal_ids_by_point.values() for id_ in ids}
        process_of = lead.browse(all_ids)._kams_process_ids()
        if not process_of:
            return
        rows = []
        # sudo: rules are structure, whoever may read the points
        points = self.env["kams.control.point"].sudo().browse(sorted(deal_ids_by_point))
        for point in points:
            ids = sorted(id_ for id_ in deal_ids_by_point[point.id] if process_of.get(id_) == point.process_id.id)
            if not ids:
                continue
            deals = lead.browse(ids)
            applicable = point._applicable(deals)[point.id]
            met = point._evaluate(deals)[point.id]
            rows += [
                (id_, point.id, "na" if id_ not in applicable else "pass" if id_ in met else "fail", met.get(id_))
                for id_ in ids
            ]
        self._store(rows)

    @api.model
    def _still_asked(self, lead):
        """Which deals' points are asked by the clock, as SQL: a past that was brought along is as it was told.

        Nobody brings evidence of a deal that was imported and is closed; what changes is told by what changes.
        """
        return SQL(
            "(%(lead)s.kams_imported IS NOT TRUE OR %(lead)s.active AND %(lead)s.won_status = 'pending')",
            lead=SQL.identifier(lead),
        )

    @api.model
    def _refresh_all(self, deal_ids):
        """Ask every point of these deals' processes again."""
        points = self.env["kams.control.point"].search([("process_id.state", "!=", "draft")])
        self._refresh(dict.fromkeys(points.ids, deal_ids))

    @api.model
    def _store(self, rows):
        """Keep ``(deal id, point id, state, evidence)`` rows: new ones of deals that joined, else what differs."""
        joined = self.env.cr.precommit.data.pop(JOINED, set())
        self.flush_model(["waiver_expiry"])
        self._insert([row for row in rows if row[0] in joined])
        self._update([row for row in rows if row[0] not in joined])
        self.invalidate_model(["state", "evidence_ref", "checked_at"], flush=False)
        self.env["crm.lead"]._kams_invalidate_counts()

    @api.model
    def _insert(self, rows):
        """Rows of deals that joined; a deal that joined before keeps the rows, and the waivers, it has."""
        if not rows:
            return
        self.env["crm.lead"].flush_model(["company_id"])
        inserted = self.env.execute_query(
            SQL(
                """
                INSERT INTO kams_control_check
                       (lead_id, point_id, company_id, phase_sequence, sequence, level, owner_role, state, evidence_ref,
                        checked_at)
                SELECT l.id, p.id, l.company_id, p.phase_sequence, p.sequence, p.level, p.owner_role, r.state,
                       r.evidence, %s
                  FROM %s
                  JOIN crm_lead l ON l.id = r.lead_id
                  JOIN kams_control_point p ON p.id = r.point_id
                    ON CONFLICT (lead_id, point_id) DO NOTHING
                RETURNING lead_id
                """,
                self.env.cr.now(),
                self._rows_sql(rows),
            )
        )
        self.env["crm.lead"]._kams_note_card({lead_id for (lead_id,) in inserted})
        if len(inserted) < len(rows):
            self._update(rows)

    @api.model
    def _update(self, rows):
        """Write what differs, in one statement. A waiver that holds stands in for missing evidence."""
        if not rows:
            return
        updated = self.env.execute_query(
            SQL(
                """
                UPDATE kams_control_check c
                   SET state = n.state, evidence_ref = n.evidence, checked_at = %(now)s
                  FROM (
                        SELECT o.id, r.evidence,
                               CASE WHEN r.state = 'fail' AND %(holds)s THEN 'waived' ELSE r.state END AS state
                          FROM %(rows)s
                          JOIN kams_control_check o ON o.lead_id = r.lead_id AND o.point_id = r.point_id
                          JOIN crm_lead l ON l.id = r.lead_id
                       ) n
                 WHERE c.id = n.id
                   AND (c.state, c.evidence_ref) IS DISTINCT FROM (n.state, n.evidence)
                RETURNING c.lead_id
                """,
                now=self.env.cr.now(),
                holds=self._waiver_holds_sql("o"),
                rows=self._rows_sql(rows),
            )
        )
        self.env["crm.lead"]._kams_note_card({lead_id for (lead_id,) in updated})

    @api.model
    def _waiver_holds_sql(self, alias):
        """Whether the waiver on a check (``alias``) holds for its deal ``l``: until its day, and not for its giver."""
        return SQL(
            "(%(check)s.waiver_expiry >= %(today)s AND %(check)s.waiver_approver_id IS DISTINCT FROM l.user_id)",
            check=SQL.identifier(alias),
            today=fields.Date.context_today(self),
        )

    @api.model
    def _rows_sql(self, rows):
        return SQL(
            "unnest(%s::int[], %s::int[], %s::varchar[], %s::varchar[]) AS r (lead_id, point_id, state, evidence)",
            *map(list, zip(*rows, strict=True)),
        )

    # ENGINE: rows
    @api.model
    def _open_for(self, deals):
        """Deals joined a process: make their rows, with what each point says, at the next refresh."""
        self._pending()
        self.env.cr.precommit.data.setdefault(JOINED, set()).update(deals.ids)
        for process, joined in deals.grouped("kams_process_id").items():
            points = self.env["kams.control.point"]._facts(process.id)
            self._note_points({point.id: joined.ids for point in points})

    @api.model
    def _open_joined(self):
        """Make the rows of deals that joined now rather than at precommit: their creator may look at them."""
        if JOINED in self.env.cr.precommit.data:
            self._refresh_pending()

    @api.model
    def _note_waivers(self, deal_ids):
        """A deal changes hands: ask its waived points again, since nobody waives on a deal of their own."""
        self.flush_model(["waiver_expiry"])
        rows = self.env.execute_query(
            SQL(
                "SELECT point_id, array_agg(lead_id) FROM kams_control_check"
                " WHERE lead_id = ANY(%s) AND waiver_expiry IS NOT NULL GROUP BY point_id",
                list(deal_ids),
            )
        )
        self._note_points(dict(rows))

    @api.model
    def _follow_company(self, deal_ids):
        """Checks belong to their deal's company: the company rule reads it from here, without a join."""
        deal_ids = set(deal_ids) - self.env.cr.precommit.data.get(JOINED, set())
        if not deal_ids:
            return
        self.env.execute_query(
            SQL(
                """
                UPDATE kams_control_check c SET company_id = l.company_id
                  FROM crm_lead l
                 WHERE l.id = c.lead_id AND l.id = ANY(%s) AND c.company_id IS DISTINCT FROM l.company_id
                RETURNING c.id
                """,
                list(deal_ids),
            )
        )
        self.invalidate_model(["company_id"], flush=False)

    @api.model
    def _judge(self, demands, process_of):
        """What stands between deals and the phases they would leave behind.

        Evidence is taken as it is now: waiting changes are asked first, points that turn with the
        clock are asked again.

        :param demands: ``{deal id: set of phase ids}``
        :param process_of: ``{deal id: process id}``
        :return: ``({deal id: points missing}, {deal id: checks waived})``
        """
        again = defaultdict(list)
        for deal_id, phase_ids in demands.items():
            for point in self.env["kams.control.point"]._facts(process_of[deal_id]):
                if point.dynamic and point.mandatory and point.phase_id in phase_ids:
                    again[point.id].append(deal_id)
        self._note_points(again)
        self._refresh_pending()
        pairs = [(deal_id, phase_id) for deal_id, phase_ids in demands.items() for phase_id in phase_ids]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT d.lead_id, p.id, c.id, COALESCE(c.state = 'waived' AND %(holds)s, FALSE)
                  FROM unnest(%(leads)s::int[], %(phases)s::int[]) AS d (lead_id, phase_id)
                  JOIN kams_control_point p ON p.phase_id = d.phase_id AND p.level = 'mandatory'
                  JOIN crm_lead l ON l.id = d.lead_id
             LEFT JOIN kams_control_check c ON c.lead_id = d.lead_id AND c.point_id = p.id
                 WHERE c.state IS NULL OR c.state NOT IN ('pass', 'na')
              ORDER BY p.phase_sequence, p.sequence, p.id
                """,
                holds=self._waiver_holds_sql("c"),
                leads=[pair[0] for pair in pairs],
                phases=[pair[1] for pair in pairs],
            )
        )
        point_model = self.env["kams.control.point"].sudo()  # sudo: names of what is missing, for the message
        missing, waived = defaultdict(point_model.browse), defaultdict(self.browse)
        for lead_id, point_id, check_id, is_waived in rows:
            if is_waived:
                waived[lead_id] += self.browse(check_id)
            else:
                missing[lead_id] += point_model.browse(point_id)
        return missing, waived

    # CRON
    @api.model
    def _cron_refresh_dynamic(self, batch_size=1000):
        """Ask again what turns with the clock: relative dates in rules, and waivers that run out."""
        points = self.env["kams.control.point"].search([("process_id.state", "!=", "draft")])
        dynamic = points.filtered(lambda point: point._dependencies()[1])
        cron = self.env["ir.cron"]
        last = 0
        while True:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT c.id, c.lead_id, c.point_id
                      FROM kams_control_check c
                      JOIN crm_lead l ON l.id = c.lead_id AND l.kams_process_id IS NOT NULL AND %(asked)s
                     WHERE c.id > %(last)s
                       AND (c.point_id = ANY(%(points)s)
                            OR (c.state = 'waived' AND c.waiver_expiry < %(today)s))
                  ORDER BY c.id
                     LIMIT %(limit)s
                    """,
                    last=last,
                    asked=self._still_asked("l"),
                    points=dynamic.ids,
                    today=fields.Date.context_today(self),
                    limit=batch_size,
                )
            )
            if not rows:
                return
            last = rows[-1][0]
            by_point = defaultdict(list)
            for _id, lead_id, point_id in rows:
                by_point[point_id].append(lead_id)
            self._refresh(by_point)
            if not cron._commit_progress(len(rows)):
                return
