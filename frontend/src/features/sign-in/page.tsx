import "./sign-in.css";
import { useEffect } from "react";
import { clockSkew } from "~/api/clock";
import type { Auth } from "~/auth/auth";
import type { Config } from "~/config";
import { clockHint } from "~/ui/clock-hint";
import { SignInSteps } from "./steps";

interface Props {
  readonly auth: Auth;
  readonly config: Config;
  /** Why one has to sign in, where that is no matter of course. */
  readonly note: string | null;
  /** Somebody has begun to type: what comes after may be fetched. */
  readonly onBegin: () => void;
  readonly onDone: () => void;
}

/** Plain elements on purpose: this page is all that somebody on a slow line waits for. */
export function SignInPage(props: Props) {
  const { config, note } = props;
  const hint = clockHint(clockSkew());
  useEffect(() => {
    document.title = "Sign in · Skafu";
  }, []);
  return (
    <div className="auth-page">
      <aside className="auth-side" aria-hidden="true">
        <p className="auth-claim">
          See any metric.
          <br />
          Shape an alert by dragging a line.
          <br />
          Be told within seconds.
        </p>
        <Skyline />
      </aside>
      <main className="auth-main">
        <div className="auth-box" onChange={props.onBegin}>
          <div className="auth-brand">
            <img src="/icon.svg" alt="" width={32} height={32} />
            <span>Skafu</span>
            {config.environment !== "production" && (
              <span className="auth-environment">{config.environment}</span>
            )}
          </div>
          {note !== null && (
            <p role="status" className="auth-notice">
              {note}
            </p>
          )}
          {hint !== null && <p className="auth-warning">{hint}</p>}
          <SignInSteps auth={props.auth} config={config} heading="h1" onDone={props.onDone} />
        </div>
        <footer className="auth-foot">Version {config.version}</footer>
      </main>
    </div>
  );
}

const LINE =
  "M0 150 L40 138 L80 146 L120 118 L160 126 L200 92 L240 104 L280 58 L320 34 L360 52 L400 96 L440 84 L480 112 L520 100 L560 122 L600 110";

/** A line that crosses its threshold: what the console is about. */
function Skyline() {
  return (
    <svg viewBox="0 0 600 200" className="auth-skyline" role="presentation">
      <path d={`${LINE} V200 H0 Z`} className="auth-area" />
      <rect x="258" y="0" width="112" height="200" className="auth-breach" />
      <path d={LINE} className="auth-line" />
      <line x1="0" x2="600" y1="76" y2="76" className="auth-threshold" />
      <circle cx="320" cy="34" r="6" className="auth-peak" />
    </svg>
  );
}
