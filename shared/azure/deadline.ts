/**
 * The value of `work`, or a rejection after so many milliseconds: a client that unpacks a compressed answer waits for ever when
 * its connection is cut, whatever signal it was given. The timer goes with the work; one that ran on would hold the request.
 */
export async function within<Value>(
  milliseconds: number,
  work: (abortSignal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('no answer in time'));
      stop.abort();
    }, milliseconds);
  });
  try {
    return await Promise.race([work(stop.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
