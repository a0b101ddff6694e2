/** Text that is HTML already. Made by the `html` tag alone, so that nothing gets in unescaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Content = string | number | Html | readonly Content[] | false | undefined;

/** A template whose values are escaped, unless they are HTML that this tag made. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(String.raw({ raw: strings }, ...values.map(renderContent)));
}

function renderContent(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map(renderContent).join('');
  return escapeHtml(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
