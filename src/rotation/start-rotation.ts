import type { Pair } from '../identity/index.ts';
import { Rotation } from './rotation.ts';
import type { RotationOptions } from './rotation-options.ts';

/** Starts a rotation for a session that serves already. */
export function adoptRotation<Session>(
  options: RotationOptions<Session> & { readonly initial: { readonly pair: Pair; readonly session: Session } },
): Rotation<Session> {
  const rotation = new Rotation(options);
  rotation.begin();
  return rotation;
}

/**
 * Starts a rotation that opens its first session itself. Resolves when that serves, or at once with `waitForFirst`.
 *
 * @throws {RoteyError} the reason why the first session could not be opened
 */
export async function startRotation<Session>(options: RotationOptions<Session>): Promise<Rotation<Session>> {
  const rotation = new Rotation(options);
  if (options.waitForFirst === true) {
    rotation.begin();
    return rotation;
  }
  try {
    await rotation.first();
    return rotation;
  } catch (error) {
    await rotation.close({ graceMs: 0 });
    throw error;
  }
}
