/** A refusal in the form that Azure Resource Manager gives: `{ error: { code, message } }`. */
export class AzureError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly details: readonly { readonly code: string; readonly message: string }[];

  constructor(
    status: number,
    code: string,
    message: string,
    more: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly details?: AzureError['details'];
    } = {},
  ) {
    super(message);
    this.name = 'AzureError';
    this.status = status;
    this.code = code;
    this.headers = more.headers ?? {};
    this.details = more.details ?? [];
  }
}

/** The body that Azure sends with a refusal. */
export const errorBody = (error: AzureError): unknown => ({
  error: {
    code: error.code,
    message: error.message,
    ...(error.details.length > 0 && { details: error.details }),
  },
});
