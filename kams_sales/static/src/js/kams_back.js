import { browser } from "@web/core/browser/browser";
import { router, routerBus } from "@web/core/browser/router";
import { registry } from "@web/core/registry";

// Key of a history entry's state
const ROWS = "kams_rows";

/**
 * The browser's "back" to rows that a figure led to. Odoo's address tells the model or the action, never which rows:
 * back from a deal it would show all of them, or leave them out. So the entry in the browser's history keeps the action
 * that showed them, and what Odoo takes a list from after a reload is put in its place before Odoo looks.
 */
const kamsBack = {
    dependencies: ["action"],
    start(env, { action: actionService }) {
        router.hideKeyFromUrl(ROWS);
        env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", ({ detail: mode }) => {
            const { action, props } = actionService.currentController || {};
            const isRows = action?.type === "ir.actions.act_window" && action.res_model.startsWith("kams.");
            if (mode !== "new" && isRows && props.type !== "form" && action._originalAction) {
                // joins what the action service is about to push
                router.pushState({ [ROWS]: action._originalAction });
            }
        });
        routerBus.addEventListener("ROUTE_CHANGE", () => {
            const { [ROWS]: rows, resId } = router.current;
            if (rows && !resId) {
                browser.sessionStorage.setItem("current_action", rows);
            }
        });
    },
};

registry.category("services").add("kams_back", kamsBack);
