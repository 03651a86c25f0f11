/** The settings of the app, by name. */
export type AppSettings = Readonly<Record<string, string | undefined>>;

/** A binding's text with each `%NAME%` replaced by that setting, or the names of those that are not set. */
export type ResolvedText = { readonly text: string } | { readonly missing: readonly string[] };

/** Replaces `%NAME%` as the Functions host does; an empty setting counts as not set. */
export function resolveText(text: string, settings: AppSettings): ResolvedText {
  const missing: string[] = [];
  const resolved = text.replace(/%([^%]+)%/g, (_whole, name: string) => {
    const value = settings[name];
    if (value === undefined || value === '') missing.push(name);
    return value ?? '';
  });
  return missing.length > 0 ? { missing } : { text: resolved };
}

/**
 * The name in a binding that the app cannot run without.
 * @throws Error with one line that names the setting that is missing.
 */
export function resolveName(functionName: string, text: string, settings: AppSettings): string {
  const resolved = resolveText(text, settings);
  if ('text' in resolved) return resolved.text;
  throw new Error(`The function ${functionName}: the setting ${resolved.missing.join(', ')} is not set.`);
}

/** Puts the settings into this process's environment, where the app reads them; the result undoes it. */
export function applySettings(settings: AppSettings): () => void {
  const changed = Object.entries(settings).filter(([name, value]) => process.env[name] !== value);
  const before = changed.map(([name]) => [name, process.env[name]] as const);
  for (const [name, value] of changed) setVariable(name, value);
  return () => {
    for (const [name, value] of before) setVariable(name, value);
  };
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
