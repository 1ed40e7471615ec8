/**
 * An error, what caused it, and the parts of an `AggregateError` (Node throws one when several addresses failed), outer
 * ones first. Ends at a cycle and after 20 errors.
 */
export function errorChain(error: unknown): readonly Error[] {
  const found: Error[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && found.length < 20) {
    const next = queue.shift();
    if (!(next instanceof Error) || found.includes(next)) continue;
    found.push(next);
    if (next instanceof AggregateError) queue.push(...next.errors);
    queue.push(next.cause);
  }
  return found;
}

/** Node's and OpenSSL's `code` of an error, or an empty string. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The first of these codes that occurs in an error's chain. */
export function findCode(error: unknown, codes: ReadonlySet<string>): string | undefined {
  return errorChain(error)
    .map(codeOf)
    .find((code) => codes.has(code));
}
