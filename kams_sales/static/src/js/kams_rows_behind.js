import { Domain } from "@web/core/domain";

const SUMMED = ["integer", "float", "monetary"];

/**
 * The rows that a sum is made of. Odoo opens all rows of a group, whichever of its figures is clicked; who asks about
 * the 5 deals that were lost wants to see these 5.
 *
 * @param {import("@web/core/domain").DomainListRepr} domain - of the group
 * @param {Object} field - the measure, as fields_get tells it
 * @param {string} measure - its name
 */
export function rowsBehind(domain, field, measure) {
    if (!field || field.aggregator !== "sum" || !SUMMED.includes(field.type) || field.searchable === false) {
        return domain;
    }
    const more = field.type === "integer" ? [[measure, ">", 0]] : ["|", [measure, ">", 0], [measure, "<", 0]];
    return Domain.and([domain, more]).toList({});
}
