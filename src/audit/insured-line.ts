/**
 * SQL for the line in which the envelope of a begun action `i` stands. Nobody works on it unless its
 * replica dies; then another one finds out what became of the action.
 */
export const LINE_OF_INSURED = `'insured/' || i.id`;
