import { Text } from '../../actions/fields.js';

/** The text of a comment. That 10,000 characters are the most is unverified. */
export function CommentText(description: string): PropertyDecorator {
  return Text(description, {
    visible: true,
    max: 10_000,
    private: true,
    example: 'Thank you all for watching!',
  });
}
