/** The version of rotey, as in package.json: a bundle has no package.json beside it. A test compares them. */
export const VERSION = '0.1.0';
