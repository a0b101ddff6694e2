/** A thing, or a part of it, in the form of Discord's answers. */
export type Wire = Record<string, unknown>;

/** Things of several kinds, by kind and id. */
export type Things = Map<string, Map<string, Wire>>;

/** The things of a kind. */
export function thingsOf({ things }: { readonly things: Things }, kind: string): Map<string, Wire> {
  const known = things.get(kind) ?? new Map<string, Wire>();
  things.set(kind, known);
  return known;
}
