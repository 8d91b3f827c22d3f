# What of numbers, drawn pages and kept facts somebody sees who delivers and has no sales right. A new field is not
# theirs before somebody has asked whether it tells a margin, where we stop or what competitors ask, and put it here.
# Amounts that the customer pays, costs of the delivery and the customer's own books are theirs.
SEEN = """
kams.acceptance: findings_page
kams.account: completeness deal_amount dso_12m freshness group_deal_amount group_overdue_now
    group_receivables_now industry_growth market_share overdue_now payment_days_12m plan_health receivables_now
    registered_capital relation_health satisfaction_score unfinished_amount
kams.account.initiative: budget
kams.account.unit: revenue
kams.account.year: altman_z capex current_assets current_liabilities current_ratio debt_ratio ebit gross_margin
    gross_profit growth inventory it_budget market_value net_margin net_profit receivable_days receivables
    retained_earnings revenue roe total_assets total_liabilities
kams.change: cost findings_page
kams.contract: amount_tax amount_total amount_untaxed clause_page damages_cap_pct deposit_amount findings_page
    late_interest_pct note performance_bond_amount performance_bond_cap performance_bond_pct present_value
    present_value_pct retention_pct warranty_months
kams.contract.clause: comparison
kams.contract.consistency: delta
kams.contract.party: authority_limit
kams.control.point: weight
kams.deal.history: expected_revenue probability
kams.deal.member: days
kams.delivery: actual_cost bac comm_rate cpi cv eac earned_value etc_cost planned_progress planned_value
    progress relation_health risk_map satisfaction_score spi sv tcpi vac
kams.delivery.closing: actual_cost change_cost cost_overrun estimated_cost
kams.delivery.line: accepted_qty arrived_qty planned_qty shipped_qty
kams.delivery.phase: budget other_cost pct typed_pct weight
kams.delivery.role: share
kams.delivery.template: weight_total
kams.delivery.template.phase: weight
kams.delivery.template.task: hours
kams.development.target: accounts_share actual_revenue avg_deal leads_share overall_conversion proposed_avg_deal
    proposed_conversion required_leads required_wins revenue_share revenue_target wins_share
kams.digest: body
kams.guarantee: amount base_amount cap_amount interest interest_due outstanding outstanding_company
    required_amount returned_amount
kams.handover: progress
kams.handover.line: collected
kams.lead.report: converted expected_revenue overdue response_hours won
kams.lead.source: sla_hours
kams.lead.source.report: conversion cost cost_per_lead cost_per_opportunity median_hours
kams.legal.rule: value
kams.meeting.cost: amount
kams.meeting.report: advance_rate late_rate
kams.negotiation.move: our_offer their_offer
kams.objection: days_to_close resolution
kams.payment.milestone: amount change_reduction default_interest invoiced overdue_amount pct received residual
    written_off
kams.payment.template.line: pct
kams.plan: budget budget_left comm_rate cost execution_rate health objective_amount relation_contact
    relation_coverage relation_health relation_issues relation_satisfaction relation_support
kams.plan.action: benefit_each benefit_value cost
kams.plan.objective: closing_value current progress start target typed_value
kams.process.phase: policy_probability stagnation_factor
kams.profile.requirement: weight
kams.proposal: amount_total annual_benefit discount_pct discount_rate file_limit_mb npv one_off_cost payback roi
    sheet_total trace_page
kams.proposal.chapter: body
kams.proposal.line: discount list_price price_unit quantity subtotal
kams.proposal.template.line: due_pct
kams.requirement: effort_days fit_weight
kams.review: amount bond_tied_up budget_amount contract_page facts_page offer_amount p_win pass_pct pass_share
    presales_budget presales_days presales_documents presales_samples presales_travel quorum quorum_pct
    rereview_base rereview_facts score score_page
kams.review.policy: amount_from pass_pct quorum_pct
kams.risk: action_cost actual_amount exposure impact_amount leverage probability_pct residual_amount
    residual_exposure residual_pct
kams.risk.map: map
kams.risk.note: amount
kams.satisfaction: score
kams.scorecard.band: lower
kams.scorecard.block: veto_below weight
kams.scorecard.comparison: value
kams.scorecard.criterion: scale_max scale_min veto_below weight
kams.scorecard.option: value
kams.scorecard.template: consistency_ratio weight_total
kams.stage.audit: compliance compliance_waived compliance_weighted data_quality
kams.stage.audit.check: weight
kams.stakeholder.criterion: weight
kams.survey: fit_rate
kams.survey.problem: impact_amount
kams.tender: abnormal_ceiling abnormal_mean abnormal_second base_reduction bid_price bond_amount ceiling_price
    clause_progress deviation_above deviation_below deviation_full deviation_important deviation_normal
    deviation_score doc_fee estimate findings_page full_score note performance_bond_pct price_weight
    sme_deduction sme_part_deduction
kams.tender.criterion: full_score lost_points our_expected
kams.tender.submission: price
kams.today: amount
kams.training: attendance_rate behaviour_rate gain hours pass_mark pass_rate satisfaction
kams.training.attendee: post_score pre_score
"""


def seen():
    """``{model: names of fields}``."""
    found, model = {}, None
    for line in SEEN.strip().splitlines():
        if not line.startswith(" "):
            model, line = line.split(":")
            found[model] = set()
        found[model].update(line.split())
    return found
