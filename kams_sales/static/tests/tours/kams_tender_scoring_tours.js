import { registry } from "@web/core/registry";

const dialog = ".modal:not(.o_inactive_modal)";
const move = (steps) => `${dialog} .o_field_widget[name=move] .o_selection_badge:contains('${steps}')`;

registry.category("web_tour.tours").add("kams_move_our_price", {
    steps: () => [
        {
            trigger: ".nav-link[name=scoring]",
            run: "click",
        },
        {
            content: "C28: we are second, 1.73 points behind",
            trigger: ".o_field_widget[name=scoring_page]:contains('1.73 behind C')",
        },
        {
            trigger: "button[name=action_what_if]",
            run: "click",
        },
        {
            trigger: move("−5"),
            run: "click",
        },
        {
            content: "Five steps down, and the field is simulated anew",
            trigger: `${dialog} .o_kams_around .o_kams_ours:contains('105.00')`,
        },
        {
            trigger: move("−1"),
            run: "click",
        },
        {
            trigger: `${dialog} .o_kams_around .o_kams_ours:contains('104.00')`,
        },
        {
            trigger: move("−1"),
            run: "click",
        },
        {
            content: "Below 103.448 we come first",
            trigger: `${dialog} .o_field_widget[name=page]:contains('ahead of C')`,
        },
        {
            content: "A price may be typed as well",
            trigger: `${dialog} .o_field_widget[name=price] input`,
            run: "edit 103.40",
        },
        {
            trigger: `${dialog} .o_field_widget[name=step] input`,
            run: "click",
        },
        {
            trigger: `${dialog} .o_kams_around .o_kams_ours:contains('103.40')`,
        },
        {
            trigger: `${dialog} button[name=action_apply]`,
            run: "click",
        },
        {
            content: "It is our price now",
            trigger: "body:not(:has(.modal)) .o_field_widget[name=scoring_page]:contains('ahead of C')",
        },
    ],
});
