import { object, type ShapeSchema, text } from '../../../actions/shapes.js';

/** An id of Discord. */
export const ID: ShapeSchema = text(1, 20, '^[1-9][0-9]{0,19}$');

/** An address that begins with a scheme. */
const SIGNS = String.raw`(?:[A-Za-z0-9._~:/?@!$&()*+,;=-]|%[0-9A-Fa-f]{2})*`;
export const ADDRESS = `^[a-z]{2,20}://[A-Za-z0-9._-]+(:[0-9]{1,5})?(/${SIGNS})?(#${SIGNS})?$`;

/** @see https://discord.com/developers/docs/reference#locales */
const LOCALES = [
  'ar',
  'bg',
  'cs',
  'da',
  'de',
  'el',
  'en-GB',
  'en-US',
  'es-419',
  'es-ES',
  'fi',
  'fr',
  'he',
  'hi',
  'hr',
  'hu',
  'id',
  'it',
  'ja',
  'ko',
  'lt',
  'nl',
  'no',
  'pl',
  'pt-BR',
  'ro',
  'ru',
  'sv-SE',
  'th',
  'tr',
  'uk',
  'vi',
  'zh-CN',
  'zh-TW',
];

/** Texts by the locales of Discord. */
export function localized(minLength: number, maxLength: number): ShapeSchema {
  const members = LOCALES.map((locale) => [`?${locale}`, text(minLength, maxLength)] as const);
  return object(Object.fromEntries(members));
}
