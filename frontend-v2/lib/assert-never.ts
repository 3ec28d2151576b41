/** Reached only if a case was forgotten: then the call does not compile. */
export function assertNever(value: never): never {
  throw new Error(`Nothing is known of ${JSON.stringify(value)}`);
}
