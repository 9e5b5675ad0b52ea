import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { body } from "~/api/client";
import { useApi } from "~/api/context";
import type { Auth } from "~/auth/auth";
import { SessionProvider } from "~/auth/session";
import type { Config } from "~/config";
import { Failure, Loading } from "~/ui/states";

/** Asks the API for tenant and role, and shows the console to whom it knows. */
export function WhoAmI(props: { auth: Auth; config: Config; email: string; children: ReactNode }) {
  const api = useApi();
  const me = useQuery({
    queryKey: ["me"],
    queryFn: ({ signal }) => body(api.GET("/api/me", { signal })),
    staleTime: 60_000,
  });
  if (me.isPending) {
    return <Loading what="who you are" height={400} />;
  }
  if (me.data === undefined) {
    return (
      <Failure error={me.error} what="You are signed in, but" onRetry={() => void me.refetch()} />
    );
  }
  const { id, tenant, role } = me.data;
  const { environment, version } = props.config;
  const session = { auth: props.auth, email: props.email, id, tenant, role, environment, version };
  return <SessionProvider session={session}>{props.children}</SessionProvider>;
}
