import type { Role } from "~/auth/session";

/** What a machine may do, by the scopes its tokens carry. */
export const SCOPES: readonly { readonly value: string; readonly label: string }[] = [
  { value: "skafu/metrics.write", label: "Send metrics" },
  { value: "skafu/metrics.read", label: "Read metrics" },
  { value: "skafu/alerts.read", label: "Read alerts" },
  { value: "skafu/alerts.write", label: "Change alerts" },
  { value: "skafu/admin", label: "Manage members, clients and channels" },
];

/** The least role that the scopes need: writing needs an editor, managing an admin. */
export function roleFor(scopes: readonly string[]): Role {
  if (scopes.includes("skafu/admin")) {
    return "admin";
  }
  return scopes.some((each) => each.endsWith(".write")) ? "editor" : "viewer";
}

/** Shell lines that send one point as this client; what is secret is read from the environment. */
export function example(tokenUrl: string, clientId: string, origin: string): string {
  return [
    "# SECRET holds the client's secret",
    `TOKEN=$(curl -s -u "${clientId}:$SECRET" "${tokenUrl}" \\`,
    `  -d grant_type=client_credentials | sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')`,
    `curl -s -X POST "${origin}/api/metrics" -H "Authorization: Bearer $TOKEN" \\`,
    `  -d '{"metrics": [{"name": "demo.value", "value": 1}]}'`,
  ].join("\n");
}
