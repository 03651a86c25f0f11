/** A JSON object that is replaced and never changed in place. */
export type Json = Readonly<Record<string, unknown>>;

/** Tells whether a value is a JSON object. */
export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value under a path of keys, or undefined where one is missing. */
export const valueAt = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value);

/** The text under a path of keys, or undefined where there is none. */
export const textAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

/** The object under a path of keys, empty where there is none. */
export const recordAt = (value: unknown, ...path: readonly string[]): Json => {
  const found = valueAt(value, ...path);
  return isRecord(found) ? found : {};
};

/** The objects of the list under a path of keys, empty where there is none. */
export const listAt = (value: unknown, ...path: readonly string[]): readonly Json[] => {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found.filter(isRecord) : [];
};

/** A copy without some keys. */
export const without = (value: Json, ...keys: readonly string[]): Json =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

/** A copy with some of the keys of `properties` replaced; undefined removes a key. */
export const withProperties = (body: Json, properties: Json): Json => {
  const next: Record<string, unknown> = { ...recordAt(body, 'properties') };
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) Reflect.deleteProperty(next, key);
    else next[key] = value;
  }
  return { ...body, properties: next };
};

/** JSON merge patch (RFC 7396): objects are merged, null removes, the rest replaces. */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isRecord(patch)) return patch;
  const next: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(next, key);
    else next[key] = mergePatch(next[key], value);
  }
  return next;
};
