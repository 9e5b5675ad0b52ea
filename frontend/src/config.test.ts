import { describe, expect, it } from "vitest";
import { parseConfig } from "./config";

const WHOLE = {
  environment: "local",
  region: "us-east-1",
  user_pool_id: "us-east-1_a",
  user_pool_client_id: "b",
  self_sign_up: true,
  version: "1",
};

describe("config.json", () => {
  it("is taken as it is when it is whole", () => {
    const password = { length: 12, symbols: true };
    const found = { ...WHOLE, cognito_endpoint: "http://127.0.0.1:1", password };
    expect(parseConfig(found)).toEqual(found);
  });

  it.each(["environment", "region", "user_pool_id", "user_pool_client_id", "version"])(
    "is refused without %s, by that name",
    (name) => {
      expect(() => parseConfig({ ...WHOLE, [name]: "" })).toThrow(`lacks ${name}`);
    },
  );

  it("lets nobody sign up unless it says so", () => {
    expect(parseConfig({ ...WHOLE, self_sign_up: "yes" }).self_sign_up).toBe(false);
  });

  it.each([null, "text", 5])("is refused when it is %s", (document) => {
    expect(() => parseConfig(document)).toThrow("no JSON object");
  });

  it("is refused when the password's rules are half told", () => {
    expect(() => parseConfig({ ...WHOLE, password: { length: 8 } })).toThrow("password");
    expect(() => parseConfig({ ...WHOLE, cognito_endpoint: 5 })).toThrow("cognito_endpoint");
  });
});
