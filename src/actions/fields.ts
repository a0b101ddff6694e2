// One import for declarations of fields: a field validates, describes itself as JSON Schema and redacts by
// one declaration.
export {
  declareField,
  describeFields,
  type Field,
  type FieldClass,
  type FieldOptions,
  listFields,
} from './field.js';
export { findIds, listFieldsWithNames } from './find-ids.js';
export { List, Part, Parts, Values } from './list-fields.js';
export { findFaults, parseFields } from './parse-fields.js';
export { listPrivateTexts, redactFields } from './redact-fields.js';
export {
  cleanToken,
  Id,
  isTimestamp,
  isToken,
  refuseNumber,
  Text,
  Timestamp,
  Token,
  URL_TEXT,
  WebAddress,
} from './text-fields.js';
export { countText } from './text-length.js';
export { Choice, Decimal, Flag, Integer } from './value-fields.js';
