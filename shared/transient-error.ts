/** "Later": the work is asked for again after a pause. The message is a constant text. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, retryAfterSeconds?: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
