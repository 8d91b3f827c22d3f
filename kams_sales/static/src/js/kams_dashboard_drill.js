import { astToFormula, components, registries } from "@odoo/o-spreadsheet";
import { isChartJSMiddleClick } from "@spreadsheet/chart/odoo_chart/odoo_chart_helpers";
import { SEE_RECORDS_PIVOT_VISIBLE } from "@spreadsheet/pivot/pivot_actions";
import { SEE_RECORD_LIST_VISIBLE } from "@spreadsheet/list/list_actions";
import { getFirstListFunction } from "@spreadsheet/list/list_helpers";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

import { rowsBehind } from "@kams_sales/js/kams_rows_behind";

/** From a figure of our dashboards to what it is made of: Odoo does so for its own charts, which ask once each. */

// What a row of a report leads to: it has no form of its own
const OPENS = { "kams.collection": "action_open_milestone", "kams.pipeline": "action_open_deal" };

function isOurPivot(position, getters) {
    return (
        SEE_RECORDS_PIVOT_VISIBLE(position, getters) &&
        getters.getPivotCoreDefinition(getters.getPivotIdFromPosition(position)).model.startsWith("kams.")
    );
}

function measureOf(position, getters) {
    const cell = getters.getPivotCellFromPosition(position);
    const pivot = getters.getPivot(getters.getPivotIdFromPosition(position));
    return cell.type === "VALUE" ? pivot.getMeasure(cell.measure)?.fieldName : undefined;
}

async function isSum(position, getters) {
    const pivot = getters.getPivot(getters.getPivotIdFromPosition(position));
    await pivot.load();
    const measure = measureOf(position, getters);
    return measure === "__count" || pivot.getFields()[measure]?.aggregator === "sum";
}

/**
 * As Odoo's pivots open their rows: without an action of its own, since the browser's "back" would show an action's rows,
 * all of them.
 *
 * @param {string} [label] - what the bar stands for
 */
async function openRows(position, env, newWindow, label) {
    const { getters } = env.model;
    const pivotId = getters.getPivotIdFromPosition(position);
    const pivot = getters.getPivot(pivotId);
    await pivot.load();
    const { model, context } = getters.getPivotCoreDefinition(pivotId);
    const measure = measureOf(position, getters);
    const domain = pivot.getPivotCellDomain(getters.getPivotCellFromPosition(position).domain);
    const views = [
        [false, "list"],
        [false, "form"],
    ];
    await env.services.action.doAction(
        {
            type: "ir.actions.act_window",
            name: [label, pivot.getMeasure(measure)?.displayName || ""].filter(Boolean).join(" / "),
            res_model: model,
            views,
            domain: rowsBehind(domain, pivot.getFields()[measure], measure),
            context,
        },
        { newWindow },
    );
}

registries.clickableCellRegistry.add("kams_pivot", {
    condition: (position, getters) =>
        isOurPivot(position, getters) && getters.getPivotCellFromPosition(position).type === "VALUE",
    execute: (position, env, newWindow) => openRows(position, env, newWindow),
    title: _t("See records"),
    sequence: 1,
});

registries.clickableCellRegistry.add("kams_list", {
    condition: (position, getters) =>
        SEE_RECORD_LIST_VISIBLE(position, getters) &&
        getters.getListDefinition(getters.getListIdFromPosition(position)).model in OPENS,
    execute: async (position, env, newWindow) => {
        const { getters } = env.model;
        const listId = getters.getListIdFromPosition(position);
        const { args } = getFirstListFunction(getters.getCorrespondingFormulaCell(position).compiledFormula.tokens);
        const place = getters.evaluateFormula(position.sheetId, astToFormula(args[1]));
        const source = await getters.getAsyncListDataSource(listId);
        const id = source.getIdFromPosition(place - 1);
        if (id) {
            const { model } = getters.getListDefinition(listId);
            const action = await env.services.orm.call(model, OPENS[model], [[id]]);
            await env.services.action.doAction(action, { newWindow });
        }
    },
    title: _t("Open record"),
    sequence: 1,
});

/** The cell of a pivot that a bar, a point or a dot was drawn from. */
function cellBehind(item, chartId, getters) {
    const { dataSets, labelRange, dataSetsHaveTitle, type } = getters.getChartDefinition(chartId);
    const sheetId = getters.getSheetIds()[0];
    const rangeOf = (xc) => getters.getRangeFromSheetXC(sheetId, xc);
    const range = rangeOf(dataSets[item.datasetIndex].dataRange);
    const first = range.zone.top + (dataSetsHaveTitle ? 1 : 0);
    const cells = [];
    for (let row = first; row <= range.zone.bottom; row++) {
        cells.push({ sheetId: range.sheetId, col: range.zone.left, row });
    }
    if (type !== "scatter") {
        return cells[item.index];
    }
    // each dot has a column of its own, and stands in one row of it; a ratio of two figures leads by its label
    const cell = cells.find((position) => ![null, ""].includes(getters.getEvaluatedCell(position).value));
    if (!cell || isOurPivot(cell, getters)) {
        return cell;
    }
    return { ...cell, col: rangeOf(labelRange).zone.left };
}

patch(components.ChartJsComponent.prototype, {
    addOdooMenuPluginToChartData(chartData) {
        chartData = super.addOdooMenuPluginToChartData(chartData);
        const { getters } = this.env.model;
        const { options } = chartData.chartJsConfig;
        const { dataSets, type } = getters.getChartDefinition(this.props.chartId);
        if (options.onClick || !dataSets?.length || !dataSets[0].dataRange) {
            return chartData;
        }
        options.onClick = async (event, items) => {
            const position = items.length && cellBehind(items[0], this.props.chartId, getters);
            if (position && isOurPivot(position, getters)) {
                event.native.preventDefault(); // or the chart's menu opens as well
                const label = event.chart.data.labels?.[items[0].index];
                await openRows(position, this.env, isChartJSMiddleClick(event), type === "scatter" ? "" : label);
            }
        };
        return chartData;
    },
});

patch(components.ScorecardChart.prototype, {
    async onClick() {
        const { getters } = this.env.model;
        const { keyValue } = getters.getChartDefinition(this.props.chartId);
        if (this.env.isDashboard() && keyValue) {
            const { sheetId, zone } = getters.getRangeFromSheetXC(getters.getSheetIds()[0], keyValue);
            const position = { sheetId, col: zone.left, row: zone.top };
            // a rate leads to its menu: no list shows what it is made of
            if (isOurPivot(position, getters) && (await isSum(position, getters))) {
                return openRows(position, this.env);
            }
        }
        return super.onClick();
    },
});
