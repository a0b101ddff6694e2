import { Flag, Integer, Text, Timestamp } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class UpdateBitsProduct {
  @Text('Its unique name', {
    max: 255,
    pattern: /^[A-Za-z0-9._-]+$/,
    patternMeans: 'letters, digits, "-", "_" and "."',
    example: 'hat-1',
  })
  sku!: string;

  @Integer('Its price', { min: 1, max: 10_000, example: 100 })
  bits!: number;

  @Text('Its name as it is shown', { max: 255, visible: true, example: 'A hat' })
  display_name!: string;

  @Flag('Only testers see it', { optional: true })
  in_development?: boolean;

  @Timestamp('When it is no longer sold', { optional: true })
  expiration?: string;

  @Flag('Everybody is told of a purchase', { optional: true })
  is_broadcast?: boolean;
}

class UpdateBitsProductResult {
  @Text('Its unique name')
  sku!: string;

  @Text('Its name as it is shown')
  display_name!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-extension-bits-product */
export const updateBitsProduct = twitchAction({
  type: 'update_bits_product',
  group: 'extensions',
  summary: 'Add or change a product that an extension sells for bits',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-extension-bits-product',
  effect: 'update',
  repeatable: true,
  scopes: [],
  actsAs: 'app',
  forOperators: true,
  input: UpdateBitsProduct,
  output: UpdateBitsProductResult,
  request: ({ sku, bits, ...product }) => ({
    method: 'PUT',
    path: '/bits/extensions',
    body: { sku, cost: { amount: bits, type: 'bits' }, ...product },
  }),
  response: ({ data: [{ sku, display_name }] }: HelixOne<UpdateBitsProductResult>) => ({
    sku,
    display_name,
  }),
  example: {
    input: { sku: 'hat-1', bits: 100, display_name: 'A hat' },
    output: { sku: 'hat-1', display_name: 'A hat' },
  },
});
