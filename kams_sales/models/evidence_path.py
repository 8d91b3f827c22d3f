"""Which deals a control point's evidence belongs to, however long the way from the one to the other.

A quotation names its deal; a value analysis belongs to a customer, and the customer has deals. :func:`found`
asks PostgreSQL in one statement, for any number of deals.
"""

from collections import defaultdict

from odoo.fields import Domain
from odoo.tools import SQL

AS_IF_JOINED = "kams_as_if_joined"  # context key: plain deals count as their customer's account's, as they will


def found(model, domain, path, deal_ids):
    """How many records of evidence each deal has, and the latest of them.

    :param model: empty recordset of the evidence model, in the environment that may see all evidence
    :param domain: which records count, as :class:`Domain`
    :param path: dotted path from the evidence to the deal
    :return: ``[(deal id, number of records, id of the latest), ...]``; deals without evidence are missing
    """
    if not _is_sql(model, path):
        return _found_by_record(model, domain, path, deal_ids)
    query = model._search(domain)
    if query.is_empty():
        return []
    deal, evidence = _join(model, query, path), SQL.identifier(query.table, "id")
    query.add_where(SQL("%s = ANY(%s)", deal, list(deal_ids)))
    query.groupby = deal
    return model.env.execute_query(query.select(deal, SQL("count(DISTINCT %s)", evidence), SQL("max(%s)", evidence)))


def _is_sql(model, path):
    """Whether the way is one of stored links: then the database can go it."""
    for name in path.split("."):
        field = model._fields[name]
        if not field.store or field.company_dependent:
            return False
        comodel = model.env[field.comodel_name]
        if field.type == "one2many":
            inverse = comodel._fields[field.inverse_name]
            if inverse.type != "many2one" or not inverse.store or field.domain:
                return False
        model = comodel
    return True


def _join(model, query, path):
    """Join the tables on the way. :return: the deal's id, as SQL"""
    alias, names = query.table, path.split(".")
    for place, name in enumerate(names, start=1):
        field, comodel = model._fields[name], model.env[model._fields[name].comodel_name]
        if field.type == "many2one" and place == len(names):
            return SQL.identifier(alias, name, to_flush=field)
        joined = query.make_alias(alias, name)
        if field.type == "many2one":
            left, right = SQL.identifier(alias, name, to_flush=field), SQL.identifier(joined, "id")
        elif field.type == "one2many":
            inverse = comodel._fields[field.inverse_name]
            if inverse.name == "kams_account_id" and model.env.context.get(AS_IF_JOINED):
                model, alias = comodel, comodel._kams_join_customers(query, alias)
                continue
            left = SQL.identifier(alias, "id")
            right = SQL.identifier(joined, inverse.name, to_flush=inverse)
        else:
            link = query.join(alias, "id", field.relation, field.column1, f"{name}_link")
            left, right = SQL.identifier(link, field.column2), SQL.identifier(joined, "id")
        query.add_join("JOIN", joined, comodel._table, SQL("%s = %s", left, right))
        model, alias = comodel, joined
    return SQL.identifier(alias, "id")


def _found_by_record(model, domain, path, deal_ids):
    """The same where a link is computed."""
    by_deal = defaultdict(list)
    wanted = set(deal_ids)
    for evidence in model.search(domain & Domain(path, "in", list(deal_ids)), order="id"):
        for deal_id in wanted.intersection(evidence.mapped(path).ids):
            by_deal[deal_id].append(evidence.id)
    return [(deal_id, len(ids), ids[-1]) for deal_id, ids in by_deal.items()]
