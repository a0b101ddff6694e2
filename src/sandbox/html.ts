const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that is safe to put into markup as it is. */
export class Markup {
  constructor(readonly text: string) {}
}

type Piece = string | number | null | undefined | Markup | readonly Markup[];

/** Builds markup. Values that are not markup are escaped, because any person can write into a chat. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  let text = parts[0] ?? '';
  for (const [index, piece] of pieces.entries()) text += writePiece(piece) + parts[index + 1];
  return new Markup(text);
}

function writePiece(piece: Piece): string {
  if (piece === null || piece === undefined) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'object') return piece.map(({ text }) => text).join('');
  return String(piece).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
