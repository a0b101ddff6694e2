import { declareField } from '../../actions/fields.js';
import { isUuid } from '../action-reader.js';

/** The id of something in the log, as an answer gave it. */
export function Uuid(description: string): PropertyDecorator {
  return declareField(
    description,
    {},
    {
      schema: { type: 'string', format: 'uuid' },
      coerce: (value) => value,
      findFault: (value) =>
        isUuid(value) ? undefined : 'must be the id that an answer gave, a UUID',
    },
  );
}
