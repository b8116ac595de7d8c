export interface Refusal {
  status: number;
  code: string;
  message: string;
  fields: Readonly<Record<string, string>>;
  /** The whole answer; a changed quote brings the new one along. */
  body: unknown;
}

/** The server refused: its own words, per field where it named one. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly fields: Refusal['fields'];
  readonly body: unknown;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.status = refusal.status;
    this.code = refusal.code;
    this.fields = refusal.fields;
    this.body = refusal.body;
  }
}

/** No answer came: the request may or may not have arrived, so only a repeat with the same key is safe. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  constructor(readonly reason: 'offline' | 'timeout' | 'unreachable') {
    super(NO_ANSWER[reason]);
  }
}

const NO_ANSWER = {
  offline: 'You’re offline. Nothing is lost, try again when you’re connected.',
  timeout: 'That took too long to answer. It’s safe to try again, nothing happens twice.',
  unreachable: 'We can’t reach CodePop right now. It’s safe to try again, nothing happens twice.',
} as const;

/** Words for a person, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError || error instanceof NoAnswerError || error instanceof Error
    ? error.message
    : String(error);
}

/** The server's word on one field, if it said one. */
export function fieldOf(error: unknown, field: string): string | null {
  return error instanceof ApiError ? (error.fields[field] ?? null) : null;
}

/** Whether the server's mind is known. After an outage or a lost answer it isn't, and the key must be kept. */
export function isAnswered(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500 && error.status !== 429 && error.code !== 'idempotency_key_in_use';
}
