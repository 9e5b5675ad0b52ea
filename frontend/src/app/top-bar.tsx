import { Link } from "@tanstack/react-router";
import { useSession } from "~/auth/session";

export function TopBar() {
  const { email, role, environment, auth } = useSession();
  return (
    <header id="top-bar">
      <Link to="/" className="brand">
        <img src="/icon.svg" alt="" width={24} height={24} /> Skafu
      </Link>
      <span className="environment">{environment}</span>
      <span className="spacer" />
      <Link to="/account" className="who">
        {email} ({role})
      </Link>
      <button type="button" onClick={() => void auth.signOut().then(() => location.assign("/"))}>
        Sign out
      </button>
    </header>
  );
}
