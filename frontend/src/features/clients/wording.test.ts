import { describe, expect, it } from "vitest";
import { example, roleFor } from "./wording";

describe("machine clients", () => {
  it("get the least role that their scopes need", () => {
    expect(roleFor(["skafu/metrics.read"])).toBe("viewer");
    expect(roleFor(["skafu/metrics.read", "skafu/metrics.write"])).toBe("editor");
    expect(roleFor(["skafu/alerts.read", "skafu/admin"])).toBe("admin");
  });

  it("are shown how to send a point without their secret in the text", () => {
    const text = example("https://auth.example/oauth2/token", "abc", "https://skafu.example");
    expect(text).toContain('-u "abc:$SECRET" "https://auth.example/oauth2/token"');
    expect(text).toContain('"https://skafu.example/api/metrics"');
  });
});
