/** The type that an `Accept` header prefers of those offered (the first offered where it does not say); undefined: none. */
export function preferred<const Type extends string>(
  accept: string | null,
  offered: readonly Type[],
): Type | undefined {
  if (accept === null || accept.trim() === '') return offered[0];
  const wanted = accept.split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((item) => item.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { range, q: q === undefined ? 1 : Number(q) };
  });
  const qualities = offered.map((type) => ({ type, q: qualityOf(type, wanted) }));
  const best = qualities.reduce((a, b) => (b.q > a.q ? b : a), { type: offered[0], q: 0 });
  return best.q > 0 ? best.type : undefined;
}

function qualityOf(type: string, wanted: readonly { readonly range: string; readonly q: number }[]): number {
  const kind = type.slice(0, type.indexOf('/'));
  const match =
    wanted.find(({ range }) => range === type) ??
    wanted.find(({ range }) => range === `${kind}/*`) ??
    wanted.find(({ range }) => range === '*/*');
  return match && match.q > 0 && match.q <= 1 ? match.q : 0;
}
