/**
 * Whether a part of the console could not be fetched: since it was opened a newer version may have
 * taken its place, whose parts have other names. Browsers tell it by words alone.
 */
export function isOutdated(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|Importing a module script failed|Unable to preload CSS/i.test(
      error.message,
    )
  );
}
