/** A command that sends one point; without a token it says where to put one. */
export function firstPoint(origin: string, token: string | null): string {
  return [
    `curl -X POST '${origin}/api/metrics' \\`,
    `  -H 'Authorization: Bearer ${token ?? "<token>"}' \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '{"metrics": [{"name": "demo.first", "value": 42, "tags": {"from": "curl"}}]}'`,
  ].join("\n");
}
