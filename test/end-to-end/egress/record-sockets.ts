import { createHook } from 'node:async_hooks';
import { appendFileSync } from 'node:fs';

/**
 * Loaded before a program (`node --import`), writes a line to the file that EGRESS_LOG names for everything that leaves the
 * process: `tcp ADDRESS:PORT`, `name HOST`, or the kind of another way out. It stands below every client: Node makes one of
 * these for each connection that the system is asked for, whichever module or library wants it.
 */
const WAYS: Readonly<Record<string, (resource: object) => string>> = {
  TCPCONNECTWRAP: (resource) => `tcp ${text(resource, 'address')}:${text(resource, 'port')}`,
  PIPECONNECTWRAP: (resource) => `pipe ${text(resource, 'address')}`,
  GETADDRINFOREQWRAP: (resource) => `name ${text(resource, 'hostname')}`,
  QUERYWRAP: (resource) => `name ${text(resource, 'hostname')}`,
  UDPWRAP: () => 'udp',
};

const file = process.env.EGRESS_LOG;
if (file === undefined) throw new Error('EGRESS_LOG names no file');

createHook({
  init(_id, type, _trigger, resource) {
    const way = WAYS[type];
    if (!way) return;
    // Where it goes is filled in right after it was made.
    queueMicrotask(() => {
      appendFileSync(file, `${way(resource)}\n`);
    });
  },
}).enable();

function text(resource: object, key: string): string {
  return String(Reflect.get(resource, key));
}
