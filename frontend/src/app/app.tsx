import "./app.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { createApi } from "~/api/client";
import { ApiProvider } from "~/api/context";
import { forgetWeather } from "~/api/observed";
import { createQueryClient } from "~/api/query-client";
import type { Auth } from "~/auth/auth";
import type { Gate } from "~/auth/gate";
import type { Config } from "~/config";
import { ToastsProvider } from "~/ui/toasts";
import { Messages } from "./messages";
import { router } from "./router";
import { SignInAgain } from "./sign-in-again";
import { WhoAmI } from "./who-am-i";

export interface AppProps {
  readonly auth: Auth;
  readonly config: Config;
  readonly email: string;
  readonly gate: Gate;
  readonly onSignedIn: () => void;
}

/** The console of one person who has signed in: for another one it is made anew, with empty caches. */
export default function App(props: AppProps) {
  const { auth, config, email, gate } = props;
  const [client] = useState(createQueryClient);
  const api = useMemo(() => createApi(auth, () => gate.ask()), [auth, gate]);
  useEffect(
    () => () => {
      client.clear();
      forgetWeather();
    },
    [client],
  );
  return (
    <Messages>
      <QueryClientProvider client={client}>
        <ApiProvider api={api}>
          <WhoAmI auth={auth} config={config} email={email}>
            <ToastsProvider>
              <RouterProvider router={router} />
            </ToastsProvider>
          </WhoAmI>
          <SignInAgain {...props} />
        </ApiProvider>
      </QueryClientProvider>
    </Messages>
  );
}
