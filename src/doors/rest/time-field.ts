/** How a text field takes a time as RFC 3339 has it. */
export const TIME_FIELD = {
  pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  patternMeans: 'a time such as 2027-01-31T18:30:00Z',
};
