import type { Queue } from '../../shared/ports.ts';
import { MAX_MESSAGE_BYTES } from '../../shared/asking/request.ts';
import type { Scheduler } from './scheduler.ts';

export interface Message {
  readonly text: string;
  readonly insertedAt: number;
  dequeued: number;
  /** Changes at every delivery: only the last one may delete or return the message. */
  receipt: number;
  done: boolean;
  /** A delivery ended with an error that no injected fault explains. */
  blameless: boolean;
}

/** How the worker that got a message ended. */
export type Ending = { readonly how: 'done' | 'failed' | 'crashed'; readonly injected: boolean };

export interface MemoryQueue extends Queue {
  /** A raw text, as Event Grid or the trigger function puts it. */
  put(text: string, delaySeconds: number): void;
  waiting(): number;
}

/** Hidden again this long after a delivery, unless it ended. */
const HIDDEN_MS = 600_000;
const FAILED_MS = 30_000;
const MAX_DEQUEUES = 5;

/** The queue in memory with the Functions host's ways: visibility, dequeue counts, the poison queue. */
export function memoryQueue(
  clock: Scheduler,
  pollMs: () => number,
  deliver: (message: Message) => Promise<Ending>,
  poison: (message: Message) => void,
): MemoryQueue {
  const messages = new Set<Message>();
  const drop = (message: Message): void => {
    message.done = true;
    messages.delete(message);
  };
  const show = (message: Message, inMs: number): void => {
    const { receipt } = message;
    clock.at(clock.now() + inMs + pollMs(), () => {
      if (!message.done && message.receipt === receipt) take(message);
    });
  };
  const take = (message: Message): void => {
    message.receipt += 1;
    message.dequeued += 1;
    const { receipt } = message;
    if (message.dequeued > MAX_DEQUEUES) {
      drop(message);
      poison(message);
      return;
    }
    show(message, HIDDEN_MS);
    void deliver(message).then(({ how, injected }) => {
      if (how === 'failed' && !injected) message.blameless = true;
      if (message.done || message.receipt !== receipt || how === 'crashed') return;
      if (how === 'done') {
        drop(message);
        return;
      }
      message.receipt += 1;
      if (message.dequeued >= MAX_DEQUEUES) {
        drop(message);
        poison(message);
      } else show(message, FAILED_MS);
    });
  };
  const put = (text: string, delaySeconds: number): void => {
    const insertedAt = Math.floor(clock.now() / 1000) * 1000;
    const message: Message = { text, insertedAt, dequeued: 0, receipt: 0, done: false, blameless: false };
    messages.add(message);
    show(message, Math.ceil(Math.max(0, delaySeconds)) * 1000);
  };
  return {
    put,
    waiting: () => messages.size,
    send(request, delaySeconds) {
      const json = Buffer.from(JSON.stringify(request));
      if (json.length > MAX_MESSAGE_BYTES)
        return Promise.reject(new Error('a request is larger than a message may be'));
      put(json.toString('base64'), delaySeconds);
      return Promise.resolve();
    },
  };
}
