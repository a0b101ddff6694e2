const LONGEST = 255;

/** A text as the value of a header: what a header cannot hold as it is, is percent-encoded whole. */
export function toHeaderText(text: string): string {
  const short = [...text.toWellFormed()].slice(0, LONGEST).join('').trim();
  return /^[\x20-\x7e\xa0-\xff]*$/.test(short) ? short : encodeURIComponent(short);
}

/** A value of a header of another service, without the bytes that a header must not contain. */
export function toForwardedText(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '');
}

/** @see https://www.rfc-editor.org/rfc/rfc6266 */
export function describeAttachment(title: string, extension: string): string {
  const name = [...title.toWellFormed().replaceAll(/[\p{Cc}/\\:*?"<>|]/gu, ' ')]
    .slice(0, LONGEST)
    .join('')
    .trim();
  const file = `${name || 'media'}.${extension}`;
  const plain = file.replaceAll(/[^\x20-\x7e]|%/g, '_');
  const encoded = encodeURIComponent(file).replaceAll(/['()*]/g, percentEncode);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/** Of those that encodeURIComponent leaves and RFC 5987 does not allow. */
function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
