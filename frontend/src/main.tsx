import { lazy, StrictMode, Suspense, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { type Auth, cognitoAuth } from "~/auth/auth";
import { type Config, loadConfig } from "~/config";
import { SignInPage } from "~/features/sign-in/page";
import { followSystem } from "~/ui/theme";

const App = lazy(() => import("~/app/app"));

/** Nobody signed in sees the sign-in page at whatever address they came to, and goes on there. */
function Root(props: { auth: Auth; config: Config }) {
  const { auth, config } = props;
  const [email, setEmail] = useState<string | null | undefined>(undefined);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    auth.current().then(setEmail, (error: Error) => setFailure(error.message));
  }, [auth]);
  if (failure !== null) {
    return <p role="alert">{failure}</p>;
  }
  if (email === undefined) {
    return null;
  }
  if (email === null) {
    return (
      <SignInPage auth={auth} config={config} onDone={() => void auth.current().then(setEmail)} />
    );
  }
  return (
    <Suspense fallback={null}>
      <App auth={auth} config={config} email={email} />
    </Suspense>
  );
}

const place = document.getElementById("root");
if (place === null) {
  throw new Error("index.html lacks the element that the console is shown in");
}
followSystem();
const root = createRoot(place);
loadConfig().then(
  (config) =>
    root.render(
      <StrictMode>
        <Root auth={cognitoAuth(config)} config={config} />
      </StrictMode>,
    ),
  (error: Error) => root.render(<p role="alert">The console cannot start: {error.message}.</p>),
);
