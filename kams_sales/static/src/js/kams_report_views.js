import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";
import { pivotView } from "@web/views/pivot/pivot_view";

import { rowsBehind } from "@kams_sales/js/kams_rows_behind";

class KamsPivotRenderer extends pivotView.Renderer {
    onOpenView(cell, newWindow) {
        this.clicked = cell.measure;
        super.onOpenView(cell, newWindow);
    }
    openView(domain, ...args) {
        super.openView(rowsBehind(domain, this.model.metaData.fields[this.clicked], this.clicked), ...args);
    }
}

class KamsGraphRenderer extends graphView.Renderer {
    openView(domain, ...args) {
        const { fields, measure } = this.model.metaData;
        super.openView(rowsBehind(domain, fields[measure], measure), ...args);
    }
}

registry.category("views").add("kams_report_pivot", { ...pivotView, Renderer: KamsPivotRenderer });
registry.category("views").add("kams_report_graph", { ...graphView, Renderer: KamsGraphRenderer });
