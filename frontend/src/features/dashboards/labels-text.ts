/** Labels as people type them: "team=web, app=shop". */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}

/** The labels that the text names, or what it lacks. */
export function labelsOf(
  text: string,
): { readonly labels: Readonly<Record<string, string>> } | { readonly reason: string } {
  const labels: Record<string, string> = {};
  for (const part of text.split(",").map((each) => each.trim())) {
    if (part === "") {
      continue;
    }
    const at = part.indexOf("=");
    if (at < 1) {
      return { reason: `Write ${part} with its value: ${part}=...` };
    }
    labels[part.slice(0, at).trim()] = part.slice(at + 1).trim();
  }
  return { labels };
}
