/** An ARM resource id in parts; `id` is the whole id in lower case, with Azure's separators and nothing else. */
export interface ResourceId {
  readonly id: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  /** Lower-cased type of the resource, such as `microsoft.dbformysql/flexibleservers/firewallrules`. */
  readonly type: string;
  /** Lower-cased name of the resource itself (its last segment). */
  readonly name: string;
  /** Lower-cased names, outermost first. */
  readonly names: readonly string[];
}

const MAX_LENGTH = 1024;
const SUBSCRIPTION = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const RESOURCE_GROUP = /^[\p{L}\p{N}_().-]{1,90}$/u;
const NAMESPACE = /^[A-Za-z][A-Za-z0-9]{0,62}(?:\.[A-Za-z][A-Za-z0-9]{0,62})+$/;
const TYPE = /^[A-Za-z][A-Za-z0-9]{0,79}$/;
const TOP_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,127})$/;
/** Children (rules, connections, records) may hold more than servers do, but nothing that a URL or a key gives a meaning to, and no halves of characters. */
const CHILD_NAME = /^[^\u0000-\u0020\u007f-\u00a0\p{Cs}/\\?#%:<>|"'`\u2028\u2029]{1,260}$/u;

/** True for a GUID in Azure's text form, any casing. */
export function isGuid(text: string): boolean {
  return SUBSCRIPTION.test(text);
}

/**
 * Parses `/subscriptions/{guid}/resourceGroups/{group}/providers/{namespace}/{type}/{name}[/{type}/{name}]*`, any casing.
 * Undefined for everything else: ids come from events and are untrusted.
 */
export function parseResourceId(text: string): ResourceId | undefined {
  if (text.length > MAX_LENGTH || !text.startsWith('/')) return undefined;
  const [, subscriptions, subscription, groups, group, providers, namespace, ...rest] = text.split('/');
  if (!isWord(subscriptions, 'subscriptions') || !isWord(groups, 'resourcegroups')) return undefined;
  if (!isWord(providers, 'providers')) return undefined;
  if (subscription === undefined || group === undefined || namespace === undefined) return undefined;
  if (!SUBSCRIPTION.test(subscription) || !isName(group, RESOURCE_GROUP)) return undefined;
  if (!NAMESPACE.test(namespace) || rest.length < 2 || rest.length % 2 !== 0) return undefined;

  const types = rest.filter((_, index) => index % 2 === 0);
  const names = rest.filter((_, index) => index % 2 === 1);
  if (!types.every((type) => TYPE.test(type))) return undefined;
  if (!names.every((name, depth) => isName(name, depth === 0 ? TOP_NAME : CHILD_NAME))) return undefined;
  return {
    id: text.toLowerCase(),
    subscription: subscription.toLowerCase(),
    resourceGroup: group.toLowerCase(),
    type: [namespace, ...types].join('/').toLowerCase(),
    name: names.at(-1)?.toLowerCase() ?? '',
    names: names.map((name) => name.toLowerCase()),
  };
}

/** The resource of a `/`-separated id that is `depth` types deep, its children cut off (depth 1: the server of a rule). */
export function ancestor(resource: ResourceId, depth: number): ResourceId {
  const segments = resource.id.split('/').slice(0, 7 + 2 * depth);
  const names = resource.names.slice(0, depth);
  return {
    ...resource,
    id: segments.join('/'),
    type: resource.type
      .split('/')
      .slice(0, 1 + depth)
      .join('/'),
    name: names.at(-1) ?? '',
    names,
  };
}

/** The id of a text that names a resource, lower-cased; undefined when it is not one. */
export function resourceIdOf(text: string | null | undefined): string | undefined {
  return typeof text === 'string' ? parseResourceId(text)?.id : undefined;
}

function isWord(segment: string | undefined, word: string): boolean {
  return segment !== undefined && isAscii(segment) && segment.toLowerCase() === word;
}

function isName(segment: string, grammar: RegExp): boolean {
  return grammar.test(segment) && segment !== '.' && !segment.includes('..') && !hasAsciiAlias(segment);
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false;
  return true;
}

/** U+212A and its like become ASCII letters when their case is folded, U+0130 becomes two: they would alias another resource. */
function hasAsciiAlias(text: string): boolean {
  if (isAscii(text)) return false;
  return Array.from(text).some((char) => {
    const lower = char.toLowerCase();
    const upper = char.toUpperCase();
    if (isAscii(char)) return false;
    return lower.length !== char.length || isAscii(lower) || (upper.length === 1 && isAscii(upper));
  });
}
