/** One segment of a route template. */
type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string; readonly optional: boolean }
  | { readonly kind: 'rest'; readonly name: string };

/** An HTTP function's address; methods are in upper case, none means any. */
export interface Route {
  readonly functionName: string;
  readonly path: string;
  readonly methods: readonly string[];
  readonly segments: readonly Segment[];
}

/** The function that answers a request, and the values of its route's parameters. */
export interface RouteMatch {
  readonly functionName: string;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Reads a route template (`servers/{*resourceId}`) under the prefix.
 * @throws Error with one line for a template that the Functions host or this one does not serve.
 */
export function parseRoute(
  functionName: string,
  prefix: string,
  template: string,
  methods: readonly string[],
): Route {
  if (template.startsWith('/')) {
    throw new Error(`The function ${functionName}: the route "${template}" begins with "/".`);
  }
  const path = [...prefix.split('/'), ...template.split('/')].filter((part) => part !== '').join('/');
  const segments = path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => parseSegment(functionName, part));
  if (segments.slice(0, -1).some(({ kind }) => kind === 'rest')) {
    throw new Error(
      `The function ${functionName}: in the route "${template}" something follows the catch-all.`,
    );
  }
  return { functionName, path, methods: methods.map((method) => method.toUpperCase()), segments };
}

/** Routes in the order in which they are tried: literal before parameter before catch-all, segment by segment. */
export function byPrecedence(routes: readonly Route[]): readonly Route[] {
  return [...routes].sort((a, b) => {
    const length = Math.max(a.segments.length, b.segments.length);
    for (let i = 0; i < length; i++) {
      const difference = weight(a.segments[i]) - weight(b.segments[i]);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

/** The first route that serves the method and the decoded path (`/api/servers`); an empty segment serves nothing. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch | undefined {
  for (const route of routes) {
    if (route.methods.length > 0 && !route.methods.includes(method)) continue;
    const params = matchSegments(route.segments, path);
    if (params !== undefined) return { functionName: route.functionName, params };
  }
  return undefined;
}

function matchSegments(segments: readonly Segment[], path: string): Record<string, string> | undefined {
  const parts = path.split('/').slice(1);
  const trailingSlash = parts.at(-1) === '';
  if (trailingSlash) parts.pop();
  const params: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const part = parts[i];
    if (part === '') return undefined;
    switch (segment.kind) {
      case 'literal':
        if (part?.toLowerCase() !== segment.text.toLowerCase()) return undefined;
        break;
      case 'parameter':
        if (part === undefined && !segment.optional) return undefined;
        if (part !== undefined) params[segment.name] = part;
        break;
      case 'rest':
        // The catch-all keeps a slash at the end of the path; without any value it is the empty text.
        params[segment.name] = parts.slice(i).join('/') + (trailingSlash && part !== undefined ? '/' : '');
        return params;
    }
  }
  return parts.length > segments.length ? undefined : params;
}

function weight(segment: Segment | undefined): number {
  if (segment === undefined || segment.kind === 'literal') return 0;
  return segment.kind === 'parameter' ? 1 : 2;
}

function parseSegment(functionName: string, part: string): Segment {
  if (!/[{}]/.test(part)) return { kind: 'literal', text: part };
  const match = /^\{(\*{0,2})(\w+)(\??)\}$/.exec(part);
  if (match === null) {
    throw new Error(
      `The function ${functionName}: the local host does not serve the route segment "${part}".`,
    );
  }
  const [, stars, name = '', optional] = match;
  return stars === '' ? { kind: 'parameter', name, optional: optional === '?' } : { kind: 'rest', name };
}
