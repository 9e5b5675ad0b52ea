import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import { ApiProblem } from "~/api/problem";
import type { Auth } from "~/auth/auth";
import { SessionProvider } from "~/auth/session";
import type { Config } from "~/config";
import { Splash } from "~/ui/splash";
import { Failure } from "~/ui/states";
import { leave } from "./leave";

/** A role that was changed shows within this time, or when the window is looked at again. */
const ASK_AGAIN_MS = 60_000;

/** Asks the API for tenant and role, and shows the console to whom it knows. */
export function WhoAmI(props: { auth: Auth; config: Config; email: string; children: ReactNode }) {
  const { auth, email } = props;
  const api = useApi();
  const me = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => body(api.GET("/api/me", { signal })),
    staleTime: ASK_AGAIN_MS,
    refetchInterval: ASK_AGAIN_MS,
  });
  if (me.isPending && me.fetchStatus !== "paused") {
    return <Splash />;
  }
  const refused = me.error instanceof ApiProblem && me.error.status === 403;
  if (me.data === undefined || refused) {
    return (
      <main className="alone">
        <h1 className="said">Skafu</h1>
        <SpaceBetween size="l">
          <Failure
            error={me.error ?? new Error("This computer is offline.")}
            what={refused ? "You have no access" : "The console cannot start"}
            onRetry={() => void me.refetch()}
          />
          <SpaceBetween size="xs" direction="horizontal" alignItems="center">
            <span>You are signed in as {email}.</span>
            <Button onClick={() => void leave(auth)}>Sign out</Button>
          </SpaceBetween>
        </SpaceBetween>
      </main>
    );
  }
  const { id, tenant, role } = me.data;
  const { environment, version } = props.config;
  const session = { auth, email, id, tenant, role, environment, version };
  return <SessionProvider session={session}>{props.children}</SessionProvider>;
}
