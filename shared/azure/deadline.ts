/**
 * The value of `work`, or a rejection when the signal comes first. A client that unpacks a compressed answer waits for ever
 * when its connection is cut, whatever signal it was given.
 */
export async function within<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('no answer in time'));
    });
  });
  return Promise.race([work, late]);
}
