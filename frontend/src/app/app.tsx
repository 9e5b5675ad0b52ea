import "./app.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { createApi } from "~/api/client";
import { ApiProvider } from "~/api/context";
import { createQueryClient } from "~/api/query-client";
import type { Auth } from "~/auth/auth";
import type { Config } from "~/config";
import { ToastsProvider } from "~/ui/toasts";
import { router } from "./router";
import { WhoAmI } from "./who-am-i";

/** The console of somebody who has signed in. */
export default function App(props: { auth: Auth; config: Config; email: string }) {
  const [client] = useState(createQueryClient);
  const { auth } = props;
  const api = useMemo(() => createApi(auth, () => undefined), [auth]);
  return (
    <QueryClientProvider client={client}>
      <ApiProvider api={api}>
        <WhoAmI auth={auth} config={props.config} email={props.email}>
          <ToastsProvider>
            <RouterProvider router={router} />
          </ToastsProvider>
        </WhoAmI>
      </ApiProvider>
    </QueryClientProvider>
  );
}
