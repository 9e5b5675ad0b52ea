import "./splash.css";
import type { ReactNode } from "react";

/** Before the console is there: its sign, or why it does not come and what can be done. No Cloudscape. */
export function Splash(props: { failure?: string; children?: ReactNode }) {
  return (
    <main className="splash">
      <img src="/icon.svg" alt="" width={48} height={48} />
      {props.failure === undefined ? (
        <p role="status">Loading</p>
      ) : (
        <p role="alert">{props.failure}</p>
      )}
      {props.children}
    </main>
  );
}
