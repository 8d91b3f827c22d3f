import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";
import { pivotView } from "@web/views/pivot/pivot_view";

import { rowsBehind } from "@kams_sales/js/kams_rows_behind";

/** Open the rows behind a measure, under the name of that measure: a view without a name would call them "Untitled". */
function openRows(metaData, name, domain, open) {
    const { fields, measures, title } = metaData;
    metaData.title = measures?.[name]?.string || fields[name]?.string || title;
    try {
        open(rowsBehind(domain, fields[name], name));
    } finally {
        metaData.title = title;
    }
}

class KamsPivotRenderer extends pivotView.Renderer {
    onOpenView(cell, newWindow) {
        this.clicked = cell.measure;
        super.onOpenView(cell, newWindow);
    }
    openView(domain, ...args) {
        openRows(this.model.metaData, this.clicked, domain, (rows) => super.openView(rows, ...args));
    }
}

class KamsGraphRenderer extends graphView.Renderer {
    openView(domain, ...args) {
        const { metaData } = this.model;
        openRows(metaData, metaData.measure, domain, (rows) => super.openView(rows, ...args));
    }
}

registry.category("views").add("kams_report_pivot", { ...pivotView, Renderer: KamsPivotRenderer });
registry.category("views").add("kams_report_graph", { ...graphView, Renderer: KamsGraphRenderer });
