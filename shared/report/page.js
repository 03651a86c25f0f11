/*
 * Search, filters, sorting, pages and details of the report. Plain browser script, inlined into the page.
 * All texts come from Azure: they become text nodes, never markup.
 */
(() => {
  'use strict';

  const data = JSON.parse(document.getElementById('data').textContent);
  const { servers, findings, rules, words, severities, reserved } = data;
  const SERVERS_A_PAGE = 200;
  const FINDINGS_A_PAGE = 50;
  const form = document.getElementById('filters');
  const table = document.getElementById('servers');
  const body = table.tBodies[0];
  const output = document.getElementById('count');

  const findingsOf = servers.map(() => []);
  for (const finding of findings) if (finding.server >= 0) findingsOf[finding.server].push(finding);
  const placeOf = new Map(servers.map((server, place) => [server.id, place]));
  servers.forEach((server, place) => (server.place = place));

  const view = {
    sort: 'reach',
    descending: true,
    page: 0,
    findingPage: 0,
    open: new Set(),
    // The server that the address of the page opened: it closes when the address leaves it.
    linked: null,
    shown: [],
    listed: [],
  };

  // Elements

  const SVG = 'http://www.w3.org/2000/svg';

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes))
      if (value !== null) node.setAttribute(name, value);
    node.append(...children.filter((child) => child !== null && child !== ''));
    return node;
  }

  const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) =>
    fill(document.createElementNS(SVG, tag), attributes, children);
  const number = (value) => value.toLocaleString('en-US');
  const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
  const severityBadge = (severity) => el('span', { class: `severity ${severity.toLowerCase()}` }, severity);
  const reachBadge = (reach) => el('span', { class: `reach ${reach}` }, words[reach].label);
  const serverHash = (id) => `#server=${encodeURIComponent(id)}`;

  function bar(length, kind, azure) {
    return svg(
      'svg',
      {
        class: `bar ${length === null ? 'unknown' : kind}`,
        viewBox: '0 0 330 10',
        preserveAspectRatio: 'none',
        'aria-hidden': 'true',
      },
      svg('rect', { class: 'track', width: 330, height: 10 }),
      azure ? svg('path', { class: 'azure', d: 'M0 5H330' }) : '',
      svg('rect', { class: 'fill', width: length ?? 0, height: 10 }),
      ...[90, 170, 250].map((x) => svg('path', { d: `M${x} 0V10` })),
    );
  }

  // What is asked for

  const FIELDS = ['q', 'reach', 'severity', 'family', 'subscription', 'state'];

  function asked() {
    const values = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
    const q = values.q.trim().toLowerCase();
    return { ...values, q, address: addressOf(q), incomplete: form.elements.incomplete.checked };
  }

  function addressOf(text) {
    const octets = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text.split('.').map(Number) : [256];
    return octets.some((octet) => octet > 255) ? null : octets.reduce((sum, octet) => sum * 256 + octet, 0);
  }

  const haystacks = new WeakMap();

  function haystack(item, texts) {
    if (!haystacks.has(item)) haystacks.set(item, texts(item).join('\n').toLowerCase());
    return haystacks.get(item);
  }

  const serverTexts = (server) => [
    server.id,
    server.name,
    server.family,
    server.location,
    server.subnet ?? '',
    ...(server.ranges ?? []).map(({ text }) => text),
    ...server.networkSubnets,
    ...server.endpoints.flatMap(({ id, description, origin }) => [id, description, origin]),
    ...server.changes.map(({ author, from }) => author + from),
  ];

  const findingTexts = (finding) => [
    rules[finding.rule].id,
    rules[finding.rule].title,
    finding.subject,
    finding.summary,
    finding.author,
    finding.about?.id ?? '',
    finding.about?.name ?? '',
    ...finding.evidence.flat(),
  ];

  const serverSays = (server, { q, address }) =>
    haystack(server, serverTexts).includes(q) ||
    (address !== null &&
      (server.ranges ?? []).some(({ first, last }) => first <= address && address <= last));

  const stateFits = (finding, { state }) => state === 'all' || finding.state === (state || 'Open');

  function placeFits(server, want) {
    if (want.reach && server.reach !== want.reach) return false;
    if (want.family && server.family !== want.family) return false;
    if (want.subscription && server.subscription !== want.subscription) return false;
    return !want.incomplete || !server.complete;
  }

  function findingFits(finding, want, server) {
    if (!stateFits(finding, want)) return false;
    if (want.severity && finding.severity !== want.severity) return false;
    if (!want.q || haystack(finding, findingTexts).includes(want.q)) return true;
    return server ? serverSays(server, want) : false;
  }

  function serverFits(server, want) {
    if (!placeFits(server, want)) return false;
    const own = findingsOf[server.place];
    // A severity, or a state other than open, asks for servers with such findings.
    if (want.severity || ['Exempted', 'Resolved'].includes(want.state))
      return own.some((finding) => findingFits(finding, want, server));
    return !want.q || serverSays(server, want) || own.some((finding) => findingFits(finding, want, server));
  }

  function findingListed(finding, want) {
    const server = servers[finding.server];
    if (server) return placeFits(server, want) && findingFits(finding, want, server);
    if (want.reach || want.incomplete) return false;
    if (want.family && finding.about.family !== want.family) return false;
    if (want.subscription && finding.about.subscription !== want.subscription) return false;
    return findingFits(finding, want, null);
  }

  // Order

  const collator = new Intl.Collator('en', { numeric: true });
  const rank = (severity) => (severity === '' ? severities.length : severities.indexOf(severity));

  // Each ascending: the least exposed first.
  const ORDERS = {
    name: (a, b) => collator.compare(a.name, b.name),
    reach: (a, b) => b.place - a.place,
    addresses: (a, b) =>
      less(a.addresses ?? Infinity, b.addresses ?? Infinity) || (a.azure ? 1 : 0) - (b.azure ? 1 : 0),
    private: (a, b) => a.approved - b.approved || collator.compare(a.private, b.private),
    worst: (a, b) => rank(b.worst) - rank(a.worst) || a.open - b.open,
    subscription: (a, b) => collator.compare(a.subscription, b.subscription),
  };

  function less(a, b) {
    return a === b ? 0 : a < b ? -1 : 1;
  }

  function sorted(list) {
    const sign = view.descending ? -1 : 1;
    return list.sort((a, b) => sign * ORDERS[view.sort](a, b) || a.place - b.place);
  }

  function makeSortable(cell) {
    const key = cell.dataset.sort;
    const button = el('button', { type: 'button' }, ...cell.childNodes);
    button.addEventListener('click', () => {
      const again = view.sort === key;
      view.descending = again ? !view.descending : key !== 'name' && key !== 'subscription';
      view.sort = key;
      update();
    });
    cell.replaceChildren(button);
  }

  function showOrder() {
    for (const cell of table.tHead.rows[0].cells) {
      if (cell.dataset.sort !== view.sort) cell.removeAttribute('aria-sort');
      else cell.setAttribute('aria-sort', view.descending ? 'descending' : 'ascending');
    }
  }

  // Servers

  function serverRow(server) {
    const open = view.open.has(server.id);
    const toggle = el(
      'button',
      { type: 'button', class: 'toggle', 'aria-expanded': String(open) },
      server.name,
    );
    const row = el(
      'tr',
      { class: open ? 'expanded' : null },
      el('th', { scope: 'row' }, toggle, el('small', {}, `${server.family}, ${server.location}`)),
      el('td', {}, reachBadge(server.reach)),
      el(
        'td',
        { class: 'addresses' },
        el('b', {}, server.count),
        bar(server.bar, server.reach, server.azure),
        el('small', {}, server.widest),
      ),
      el('td', {}, server.private),
      server.worst === ''
        ? el('td', {}, el('span', { class: 'quiet' }, 'none open'))
        : el('td', {}, severityBadge(server.worst), ' ', el('small', {}, `${number(server.open)} open`)),
      el('td', { class: 'id' }, server.subscription),
    );
    toggle.addEventListener('click', () => {
      if (!view.open.delete(server.id)) view.open.add(server.id);
      const now = view.open.has(server.id);
      toggle.setAttribute('aria-expanded', String(now));
      row.classList.toggle('expanded', now);
      if (now) row.after(detailRow(server));
      else row.nextElementSibling.remove();
    });
    return open ? [row, detailRow(server)] : [row];
  }

  function detailRow(server) {
    const columns = table.tHead.rows[0].cells.length;
    const own = findingsOf[server.place];
    return el(
      'tr',
      { class: 'detail' },
      el(
        'td',
        { colspan: columns },
        el(
          'div',
          { class: 'about' },
          el(
            'div',
            { class: 'columns' },
            el('div', {}, el('h3', {}, 'Paths'), paths(server)),
            el('div', {}, el('h3', {}, 'Public address space'), space(server)),
          ),
          endpoints(server),
          el('h3', {}, 'Last changes'),
          changes(server),
          el('h3', {}, own.length === 0 ? 'No findings' : counted(own.length, 'finding')),
          ...own.map((finding) => article(finding, false)),
        ),
      ),
    );
  }

  function definitions(pairs) {
    const list = el('dl', {});
    for (const [term, text] of pairs) if (text !== '') list.append(el('dt', {}, term), el('dd', {}, text));
    return list;
  }

  function paths(server) {
    return definitions([
      ['Public', server.publicPath],
      ['If public access were on', server.latentPath],
      ['Private', server.privatePath],
      ['Injected into', server.subnet ?? ''],
      ...server.networkSubnets.map((id) => ['Virtual network rule', id]),
      ['Firewall rules', server.rules === null ? 'unknown' : number(server.rules)],
      ['State', server.state],
      ...server.unreadable.map(([facet, why]) => [`Not read: ${facet}`, why]),
      ['Read at', server.read],
      ['Server', el('a', { href: serverHash(server.id) }, server.id)],
    ]);
  }

  /** Where the ranges lie between 0.0.0.0 and 255.255.255.255, and the size of each. */
  function space(server) {
    if (server.ranges === null)
      return el('p', { class: 'note' }, 'Unknown: what is admitted could not be read.');
    const azure = server.azure
      ? [el('p', { class: 'note' }, 'Every public address of Azure is admitted as well.')]
      : [];
    if (server.ranges.length === 0) {
      return el('div', {}, ...azure, el('p', { class: 'quiet' }, 'No address range is admitted.'));
    }
    const x = (address) => (address / 2 ** 32) * 1024;
    const block = (kind, { first, last }) =>
      svg('rect', { class: kind, x: x(first), width: Math.max(3, x(last + 1) - x(first)), height: 22 });
    const placed = server.ranges.filter(({ first }) => first !== undefined);
    const picture = svg(
      'svg',
      {
        class: `map ${server.reach}`,
        viewBox: '0 0 1024 22',
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': `Where the ranges lie in the IPv4 addresses; ${server.widest}`,
      },
      svg('rect', { class: 'track', width: 1024, height: 22 }),
      ...placed.map((range) => block('fill', range)),
      ...reserved.map((range) => block('reserved', range)),
    );
    const axis = ['0.0.0.0', '64.', '128.', '192.', '255.255.255.255'].map((text) => el('span', {}, text));
    return el(
      'div',
      {},
      ...azure,
      picture,
      el('div', { class: 'axis', 'aria-hidden': 'true' }, ...axis),
      el('p', { class: 'quiet' }, 'Each range is drawn at least a line wide. Grey: reserved, never public.'),
      el(
        'ul',
        // A long list scrolls, also by keyboard.
        { class: 'ranges', tabindex: server.ranges.length > 8 ? '0' : null },
        ...server.ranges.map((range) => rangeLine(range, server.reach)),
      ),
      server.moreRanges > 0
        ? el('p', { class: 'quiet' }, `and ${counted(server.moreRanges, 'narrower range')}.`)
        : '',
    );
  }

  function rangeLine({ text, size, bar: length }, reach) {
    return el('li', {}, el('code', {}, text), bar(length, reach, false), el('small', {}, size));
  }

  function endpoints(server) {
    if (server.endpoints.length === 0) return '';
    const head = ['State', 'Private endpoint', 'Comes from', 'Description'];
    const rows = server.endpoints.map(({ status, id, origin, description }) =>
      el(
        'tr',
        {},
        el('td', {}, status),
        el('td', { class: 'id' }, id),
        el('td', {}, origin),
        el('td', {}, description),
      ),
    );
    return el(
      'table',
      { class: 'inner' },
      el('caption', {}, 'Private endpoint connections'),
      el('thead', {}, el('tr', {}, ...head.map((title) => el('th', { scope: 'col' }, title)))),
      el('tbody', {}, ...rows),
    );
  }

  function changes({ changes, moreChanges }) {
    if (changes.length === 0) return el('p', { class: 'quiet' }, 'No change is on record.');
    const items = changes.map(({ time, outcome, summary, author, from, operation }) =>
      el(
        'li',
        {},
        el('p', {}, el('b', {}, `${outcome}: `), summary),
        el(
          'p',
          { class: 'quiet' },
          `${time}, by `,
          el('b', {}, author),
          `${from} `,
          el('code', {}, operation),
        ),
      ),
    );
    const older = moreChanges > 0 ? [el('li', { class: 'quiet' }, `and ${number(moreChanges)} older.`)] : [];
    return el('ol', { class: 'changes' }, ...items, ...older);
  }

  // Findings

  function article(finding, withServer) {
    const rule = rules[finding.rule];
    const server = finding.about ?? servers[finding.server];
    const state = finding.state === 'Open' ? '' : el('span', { class: 'state' }, finding.state);
    return el(
      'article',
      { class: 'finding' },
      el(withServer ? 'h3' : 'h4', {}, severityBadge(finding.severity), ' ', rule.title, ' ', state),
      el(
        'p',
        { class: 'where' },
        withServer ? el('a', { class: 'server', href: serverHash(server.id) }, server.name) : '',
        withServer ? el('span', { class: 'quiet' }, ` ${server.family} `) : '',
        finding.subject === '' ? '' : el('code', {}, finding.subject),
      ),
      el('p', {}, finding.summary),
      ...notes(finding),
      ...(finding.state === 'Resolved' ? [] : remedy(finding)),
      finding.evidence.length === 0
        ? ''
        : el('details', {}, el('summary', {}, 'Evidence'), definitions(finding.evidence)),
      el(
        'p',
        { class: 'quiet' },
        `Opened ${finding.opened}; ${finding.author}; `,
        finding.state === 'Resolved'
          ? `resolved ${finding.resolved}; rule `
          : `last seen ${finding.seen}; rule `,
        rule.link
          ? el('a', { href: rule.link, rel: 'noopener noreferrer' }, rule.id)
          : el('code', {}, rule.id),
      ),
    );
  }

  function notes({ resolvesAfter, exemption, state, reason }) {
    const all = [];
    if (resolvesAfter && state !== 'Resolved') {
      all.push(`Looks fixed. It resolves when a second reading at or after ${resolvesAfter} agrees.`);
    }
    if (exemption && state === 'Exempted') {
      all.push(`Exempted until ${exemption.expires} by ${exemption.owner}: ${exemption.reason}`);
    }
    if (state === 'Resolved' && reason) all.push(`Resolved: ${reason}`);
    return all.map((text) => el('p', { class: 'note' }, text));
  }

  function remedy({ fix, command }) {
    return [
      fix ? el('p', { class: 'fix' }, el('b', {}, 'Remedy:'), ` ${fix}`) : '',
      command
        ? withCopy(el('div', { class: 'command' }, el('pre', {}, el('code', {}, ...parts(command)))))
        : '',
    ];
  }

  /** The options of a command each in an element of its own, with what is between them. */
  function parts(command) {
    return command
      .split(/([ \n])(?=--|az |# )/)
      .map((text, at) => (at % 2 === 0 ? el('span', {}, text) : text));
  }

  function withCopy(block) {
    const button = el('button', { type: 'button', class: 'copy' }, 'Copy');
    const status = el('span', { class: 'unseen', role: 'status' });
    button.addEventListener('click', async () => {
      const done = await copied(block.querySelector('code'));
      button.textContent = done ? 'Copied' : 'Select and copy';
      status.textContent = done ? 'The command was copied.' : 'The command is selected.';
      setTimeout(() => {
        button.textContent = 'Copy';
        status.textContent = '';
      }, 2000);
    });
    block.append(button, status);
    return block;
  }

  async function copied(code) {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      // No clipboard without a secure page or permission: the text is left selected.
      getSelection().selectAllChildren(code);
      return false;
    }
  }

  // Pages

  function showPages(nav, page, size, total, go) {
    const last = Math.max(0, Math.ceil(total / size) - 1);
    nav.hidden = last === 0;
    const step = (title, to, enabled) => {
      const button = el('button', { type: 'button' }, title);
      // Not `disabled`, which would drop the focus of who stands on it.
      if (!enabled) button.setAttribute('aria-disabled', 'true');
      button.addEventListener('click', () => enabled && go(to, title));
      return button;
    };
    const from = total === 0 ? 0 : page * size + 1;
    nav.replaceChildren(
      step('First', 0, page > 0),
      step('Previous', page - 1, page > 0),
      el('span', {}, `${number(from)} to ${number(Math.min(total, (page + 1) * size))} of ${number(total)}`),
      step('Next', page + 1, page < last),
      step('Last', last, page < last),
    );
  }

  function goTo(nav, heading, set) {
    return (to, title) => {
      set(to);
      render();
      document.getElementById(heading).scrollIntoView();
      [...nav.querySelectorAll('button')]
        .find(({ textContent }) => textContent === title)
        ?.focus({ preventScroll: true });
    };
  }

  const serverPages = document.getElementById('pages');
  const findingPages = document.getElementById('finding-pages');
  const toServers = goTo(serverPages, 'servers-title', (to) => (view.page = to));
  const toFindings = goTo(findingPages, 'findings-title', (to) => (view.findingPage = to));

  function render() {
    const from = view.page * SERVERS_A_PAGE;
    const rows = view.shown.slice(from, from + SERVERS_A_PAGE).flatMap(serverRow);
    const none = el('tr', {}, el('td', { colspan: table.tHead.rows[0].cells.length }, 'No server.'));
    body.replaceChildren(...(rows.length > 0 ? rows : [none]));
    const start = view.findingPage * FINDINGS_A_PAGE;
    const articles = view.listed
      .slice(start, start + FINDINGS_A_PAGE)
      .map((finding) => article(finding, true));
    const nothing = el('p', { class: 'quiet' }, 'No finding.');
    document.getElementById('findings').replaceChildren(...(articles.length > 0 ? articles : [nothing]));
    showPages(serverPages, view.page, SERVERS_A_PAGE, view.shown.length, toServers);
    showPages(findingPages, view.findingPage, FINDINGS_A_PAGE, view.listed.length, toFindings);
    showOrder();
  }

  const STATES = { '': 'Open', Exempted: 'Exempted', Resolved: 'Resolved', all: 'All' };

  function update() {
    const want = asked();
    view.shown = sorted(servers.filter((server) => serverFits(server, want)));
    view.listed = findings.filter((finding) => findingListed(finding, want));
    view.page = 0;
    view.findingPage = 0;
    document.getElementById('findings-title').textContent = `${STATES[want.state]} findings, worst first`;
    output.textContent = resultWords(want);
    render();
  }

  function resultWords({ address }) {
    const total = view.shown.length === servers.length ? '' : ` of ${number(servers.length)}`;
    const unsure = address === null ? 0 : servers.filter(({ ranges }) => ranges === null).length;
    return (
      `${number(view.shown.length)}${total} ${servers.length === 1 ? 'server' : 'servers'}, ` +
      counted(view.listed.length, 'finding') +
      (unsure > 0 ? `; ${counted(unsure, 'server')} with unknown ranges may admit it too` : '')
    );
  }

  // The address of the page: filters, or one server

  function keepInAddress() {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
    history.replaceState(null, '', `#${query}`);
  }

  function readAddress() {
    if (location.hash !== '' && !location.hash.includes('=')) return;
    const query = new URLSearchParams(location.hash.slice(1));
    view.open.delete(view.linked);
    view.linked = null;
    for (const name of FIELDS) form.elements[name].value = query.get(name) ?? '';
    for (const name of FIELDS) if (form.elements[name].selectedIndex === -1) form.elements[name].value = '';
    form.elements.incomplete.checked = query.has('incomplete');
    const server = query.get('server');
    if (server === null) update();
    else showServer(server);
  }

  function showServer(id) {
    const place = placeOf.get(id) ?? placeOf.get(id.toLowerCase());
    if (place === undefined) {
      form.elements.q.value = id;
      update();
      output.textContent = `This server is not in this report; ${counted(view.listed.length, 'finding')} of it.`;
      return;
    }
    if (!view.open.has(servers[place].id)) view.linked = servers[place].id;
    view.open.add(servers[place].id);
    update();
    view.page = Math.floor(view.shown.indexOf(servers[place]) / SERVERS_A_PAGE);
    render();
    const row = body.querySelectorAll('tr:not(.detail)')[view.shown.indexOf(servers[place]) % SERVERS_A_PAGE];
    row.scrollIntoView();
    row.querySelector('.toggle').focus({ preventScroll: true });
  }

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || !link.hash.includes('=') || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, '', link.hash);
    readAddress();
    if (!link.hash.startsWith('#server=')) document.getElementById('servers-title').scrollIntoView();
  });

  // Arrow keys move between the servers of the table, as Tab does between all that can be used.
  body.addEventListener('keydown', (event) => {
    if (!event.target.matches('.toggle')) return;
    const toggles = [...body.querySelectorAll('.toggle')];
    const at = toggles.indexOf(event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: toggles.length - 1 }[event.key];
    if (to === undefined || !toggles[to]) return;
    event.preventDefault();
    toggles[to].focus();
  });

  function choices(name, texts) {
    for (const text of [...new Set(texts)].sort(collator.compare)) {
      form.elements[name].append(el('option', { value: text }, text));
    }
  }

  let waiting;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      keepInAddress();
      update();
    }, 150);
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => {
    // The fields are cleared after this event.
    setTimeout(() => {
      keepInAddress();
      update();
    });
  });
  addEventListener('popstate', readAddress);

  // Paper has nothing to click on.
  let unfolded = [];
  addEventListener('beforeprint', () => {
    unfolded = [...document.querySelectorAll('details:not([open])')];
    for (const details of unfolded) details.open = true;
  });
  addEventListener('afterprint', () => {
    for (const details of unfolded) details.open = false;
  });

  const abouts = findings.flatMap(({ about }) => about ?? []);
  choices(
    'family',
    [...servers, ...abouts].map(({ family }) => family),
  );
  choices(
    'subscription',
    [...servers, ...abouts].map(({ subscription }) => subscription),
  );
  for (const cell of table.tHead.rows[0].cells) makeSortable(cell);
  form.hidden = false;
  update();
  readAddress();
})();
