/** Reads a list of origins. @param name the variable @param faults gets a sentence for everything that is wrong */
export function readOrigins(
  name: string,
  text: string | undefined,
  faults: string[],
): readonly string[] {
  const given = (text ?? '').split(',').flatMap((part) => part.trim() || []);
  return given.flatMap((part) => {
    const url = URL.canParse(part) ? new URL(part) : undefined;
    const isOrigin =
      url !== undefined &&
      /^https?:$/.test(url.protocol) &&
      [url.origin, `${url.origin}/`].includes(part.toLowerCase());
    if (isOrigin) return [url.origin];
    faults.push(
      `${name}: "${part}" is no origin: write it like http://toolkit.internal:8080, without a path`,
    );
    return [];
  });
}
