import {
  type ComponentType,
  lazy,
  Suspense,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import type { AppProps } from "~/app/app";
import type { Auth } from "~/auth/auth";
import { Gate } from "~/auth/gate";
import type { Config } from "~/config";
import { SignInPage } from "~/features/sign-in/page";
import { Boundary } from "~/ui/boundary";
import { Splash } from "~/ui/splash";

const loadApp = () => import("~/app/app");
const LazyApp = lazy(loadApp);

/** Another tab stores a session in several steps; it is looked at when they are done. */
const SETTLED_MS = 300;

type Who =
  | { readonly kind: "unknown" }
  | { readonly kind: "nobody"; readonly note: string | null }
  | { readonly kind: "somebody"; readonly email: string }
  | { readonly kind: "failed"; readonly reason: string };

interface Props {
  readonly auth: Auth;
  readonly config: Config;
  /** The console itself; loaded when somebody has signed in. */
  readonly app?: ComponentType<AppProps>;
  readonly settled?: number;
}

/** Nobody signed in sees the sign-in page at whatever address they came to, and goes on there. */
export function Root(props: Props) {
  const { auth, config, app: App = LazyApp, settled = SETTLED_MS } = props;
  const [who, setWho] = useState<Who>({ kind: "unknown" });
  const [gate] = useState(() => new Gate());
  const shown = useRef<string | null>(null);
  shown.current = who.kind === "somebody" ? who.email : null;

  const look = useCallback(async () => {
    try {
      const email = await auth.current();
      if (email !== null && email === shown.current) {
        gate.answer(true);
      } else if (email !== null) {
        // What waits belongs to the one before: it is given up before the new one sees anything.
        gate.answer(false);
        setWho({ kind: "somebody", email });
      } else if (shown.current === null) {
        setWho({ kind: "nobody", note: null });
      }
    } catch (error) {
      if (shown.current === null) {
        setWho({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
      }
    }
  }, [auth, gate]);

  useEffect(() => void look(), [look]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = auth.watch((change) => {
      clearTimeout(timer);
      if (change === "signed-out") {
        gate.answer(false);
        setWho({ kind: "nobody", note: "You signed out in another tab." });
      } else if (change === "signed-in") {
        timer = setTimeout(() => void look(), settled);
      }
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [auth, gate, look, settled]);

  switch (who.kind) {
    case "unknown":
      return <Splash />;
    case "failed":
      return (
        <Splash failure={who.reason}>
          <button type="button" onClick={() => void look()}>
            Try again
          </button>
        </Splash>
      );
    case "nobody":
      return (
        <SignInPage
          auth={auth}
          config={config}
          note={who.note}
          onBegin={() => void loadApp().catch(() => undefined)}
          onDone={() => void look()}
        />
      );
    case "somebody":
      return (
        <Boundary>
          <Suspense fallback={<Splash />}>
            <App
              key={who.email}
              auth={auth}
              config={config}
              email={who.email}
              gate={gate}
              onSignedIn={() => void look()}
            />
          </Suspense>
        </Boundary>
      );
  }
}
