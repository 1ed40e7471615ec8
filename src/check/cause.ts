/** The steps of a check in their order. `files`, `pair` and `findings` are left out when no certificate is given. */
export type CheckStepName =
  | 'files'
  | 'pair'
  | 'findings'
  | 'address'
  | 'dns'
  | 'tcp'
  | 'proxy'
  | 'tls'
  | 'http2'
  | 'system-info'
  | 'namespace';

/** What is always the same about a cause. */
export interface CauseKind {
  /** The step that finds it. */
  readonly step: CheckStepName;
  /** `unreachable`: the server could not be asked; nothing is known about the certificate. */
  readonly result: 'problem' | 'unreachable';
  /** What it means, one sentence. */
  readonly title: string;
  /**
   * What it can be, where a client cannot tell which: two or more, and the title says only what is known. Empty where it is
   * known.
   */
  readonly perhaps: readonly string[];
  /** What a person should do; where several things are possible, how to find out which. */
  readonly remedy: string;
}

/** A cause that is known. */
export function known(
  step: CheckStepName,
  title: string,
  remedy: string,
  result: CauseKind['result'] = 'problem',
): CauseKind {
  return Object.freeze({ step, result, title, perhaps: Object.freeze([]), remedy });
}

/** A symptom that has several causes. */
export function either(
  step: CheckStepName,
  title: string,
  perhaps: readonly [string, string, ...string[]],
  remedy: string,
  result: CauseKind['result'] = 'problem',
): CauseKind {
  return Object.freeze({ step, result, title, perhaps: Object.freeze([...perhaps]), remedy });
}
