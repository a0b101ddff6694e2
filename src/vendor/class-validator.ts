/**
 * The two parts of class-validator that fields use. Its index would load 3 MB more, such as the phone numbers
 * of all countries. Not public: `test/pure/vendor.test.ts` notices if a new version moves them.
 */
export { ValidateBy } from 'class-validator/cjs/decorator/common/ValidateBy.js';
export { Validator } from 'class-validator/cjs/validation/Validator.js';
