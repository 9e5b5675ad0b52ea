import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { createApi } from "~/api/client";
import { ApiProvider } from "~/api/context";
import { createQueryClient } from "~/api/query-client";
import { FakeAuth } from "~/auth/fake-auth";
import { useSession } from "~/auth/session";
import { WhoAmI } from "./who-am-i";

const CONFIG = {
  environment: "local",
  region: "us-east-1",
  user_pool_id: "us-east-1_a",
  user_pool_client_id: "b",
  self_sign_up: false,
  version: "1",
};
const ME = { id: "u1", kind: "person", tenant: "acme", role: "editor", email: null, name: null };

function Page() {
  const { email, tenant, role } = useSession();
  return <p>{`${email} ${tenant} ${role}`}</p>;
}

function open(answers: (readonly [number, object])[]) {
  const client = createQueryClient();
  const transport = async () => {
    const [status, document] =
      answers.length > 1 ? (answers.shift() ?? [200, ME]) : (answers[0] ?? [200, ME]);
    return new Response(JSON.stringify(document), {
      status,
      headers: { "Content-Type": "application/json" },
    });
  };
  const auth = new FakeAuth();
  const api = createApi(auth, async () => false, "http://skafu.example", transport);
  render(
    <QueryClientProvider client={client}>
      <ApiProvider api={api}>
        <WhoAmI auth={auth} config={CONFIG} email="a@example.com">
          <Page />
        </WhoAmI>
      </ApiProvider>
    </QueryClientProvider>,
  );
  return client;
}

it("gives pages who is signed in, as the API knows them", async () => {
  open([[200, ME]]);
  await screen.findByText("a@example.com acme editor");
});

it("tells a disabled member so, and lets them sign out", async () => {
  open([[403, { title: "Forbidden", detail: "your membership is disabled" }]]);
  await screen.findByText(/your membership is disabled/);
  expect(screen.getByRole("button", { name: "Sign out" })).toBeTruthy();
});

it("takes the console away from whoever is disabled while it is open", async () => {
  const client = open([
    [200, ME],
    [403, { title: "Forbidden", detail: "your membership is disabled" }],
  ]);
  await screen.findByText("a@example.com acme editor");
  await client.refetchQueries({ queryKey: ["me"] });
  await screen.findByText(/your membership is disabled/);
  expect(screen.queryByText("a@example.com acme editor")).toBeNull();
});

it("keeps the console while the API has a trouble of its own", async () => {
  const client = open([
    [200, ME],
    [400, { title: "Bad Request" }],
  ]);
  await screen.findByText("a@example.com acme editor");
  await client.refetchQueries({ queryKey: ["me"] });
  expect(screen.getByText("a@example.com acme editor")).toBeTruthy();
});
