import { registry } from "@web/core/registry";

const dialog = ".modal:not(.o_inactive_modal)";
const move = (steps) => `${dialog} .o_field_widget[name=move] .o_selection_badge:contains('${steps}')`;

const bidder = (name) => `.o_field_widget[name=bidder_ids] .o_data_row:contains('${name}')`;

const edited = (name) => `.o_field_widget[name=bidder_ids] .o_selected_row:has(td[name=name] input:value('${name}'))`;

registry.category("web_tour.tours").add("kams_record_an_opening", {
    steps: () => [
        {
            trigger: ".nav-link[name=scoring]",
            run: "click",
        },
        {
            trigger: `${bidder("Rival C")} td[name=price]`,
            run: "click",
        },
        {
            content: "A rival is thought to be dearer",
            trigger: `${edited("Rival C")} td[name=price] input`,
            run: "edit 150",
        },
        {
            trigger: ".nav-link[name=scoring]",
            run: "click",
        },
        {
            content: "The page answers before anything is saved",
            trigger: ".o_field_widget[name=scoring_page]:contains('ahead of Rival C')",
        },
        {
            trigger: ".nav-link[name=award]",
            run: "click",
        },
        ...["Rival A", "Ourselves", "Rival C"].flatMap((name, index) => [
            {
                trigger: `${bidder(name)} td[name=opening_price]`,
                run: "click",
            },
            {
                trigger: `${edited(name)} td[name=opening_price] input`,
                run: `edit ${101 + 9 * index}`,
            },
        ]),
        {
            trigger: "button[name=action_record_opening]",
            run: "click",
        },
        {
            content: "It is opened, and prices stay as read out",
            trigger: "button[name=action_correct_opening]",
        },
        {
            trigger: `${bidder("Rival C")} td[name=is_winner]`,
            run: "click",
        },
        {
            content: "The click that opens a line may tick it already, on a slow machine",
            trigger: ".o_field_widget[name=bidder_ids] .o_selected_row td[name=is_winner] input",
            run() {
                if (!this.anchor.checked) {
                    this.anchor.click();
                }
            },
        },
        {
            trigger: ".o_field_widget[name=bidder_ids] .o_selected_row td[name=is_winner] input:checked",
        },
        {
            trigger: ".nav-link[name=award]",
            run: "click",
        },
        {
            trigger: "button[name=action_record_award]",
            run: "click",
        },
        {
            content: "Lost: the review waits already",
            trigger: "button[name=action_winloss]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=winner] input:value('Rival C')",
        },
    ],
});

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
