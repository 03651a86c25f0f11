/**
 * Path and query of a resource, rebuilt from parsed parts: each segment is encoded, so that no id can reach another path,
 * query or host. Throws when it is no path of ARM.
 */
export function targetOf(path: string, apiVersion: string, filter?: string): string {
  const segments = path.split('/').slice(1);
  if (
    !path.startsWith('/subscriptions') ||
    segments[0] !== 'subscriptions' ||
    segments.some((part) => part === '' || part === '.' || part === '..')
  ) {
    throw new Error('not a path of ARM');
  }
  const query = new URLSearchParams({
    'api-version': apiVersion,
    ...(filter === undefined ? {} : { $filter: filter }),
  });
  return `/${segments.map(encodeURIComponent).join('/')}?${query.toString().replaceAll('+', '%20')}`;
}

/** The subscription of a path of ARM; empty where it names none. */
export function subscriptionOf(path: string): string {
  return path.split('/')[2] ?? '';
}

/** Path and query of the next page; undefined when its link is no `https:` address of the same host, or has a user. */
export function nextTarget(link: string, endpoint: URL): string | undefined {
  if (!URL.canParse(link)) return undefined;
  const url = new URL(link);
  const isSameHost =
    url.protocol === 'https:' && url.host === endpoint.host && url.username + url.password === '';
  return isSameHost ? url.pathname + url.search : undefined;
}
