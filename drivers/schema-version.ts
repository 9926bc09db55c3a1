/** The schema of the table's items: what this program writes, and the newest it understands, in every store. */
export const schemaVersion = 1;
