/** A browser without a window: keeps the cookies of each host, follows redirects, submits forms. */
export class CookieBrowser {
  readonly #jars = new Map<string, Map<string, string>>();

  /** Asks, without following where the answer leads. */
  async ask(url: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie !== '' && { cookie }) },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  /** Goes to an address and on, until an answer leads nowhere or one of an address that fits. */
  async go(
    url: string,
    until: RegExp,
    form?: Readonly<Record<string, string>>,
  ): Promise<{ url: string; answer: Response }> {
    let answer = await this.ask(url, form);
    let at = url;
    for (let hops = 0; hops < 20; hops += 1) {
      const location = answer.headers.get('location');
      if (location === null) break;
      const next = new URL(location, at).href;
      if (until.test(next)) return { url: next, answer };
      at = next;
      answer = await this.ask(next);
    }
    return { url: at, answer };
  }

  /** The cookies of a host, as its next request has them. */
  cookies(host: string): ReadonlyMap<string, string> {
    return this.#jars.get(host) ?? new Map();
  }
}
