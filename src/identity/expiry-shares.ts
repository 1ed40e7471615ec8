/**
 * A third of the lifetime left: a warning. cert-manager and its like renew at two thirds of the lifetime, so a leaf this
 * old is one they missed.
 */
export const EXPIRY_WARNING_SHARE: number = 1 / 3;

/** A tenth left: the last call for a person to act; of a 5 minute leaf that is 30 s. */
export const EXPIRY_CRITICAL_SHARE: number = 1 / 10;
