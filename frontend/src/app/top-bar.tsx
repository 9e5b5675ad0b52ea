import ButtonDropdown, {
  type ButtonDropdownProps,
} from "@cloudscape-design/components/button-dropdown";
import { Link, useNavigate } from "@tanstack/react-router";
import { useSession } from "~/auth/session";
import { isApple } from "~/ui/platform";
import { type Choice, choose, useChoice } from "~/ui/theme";
import { leave } from "./leave";

const CHOICES: readonly (readonly [Choice, string])[] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** How loud the environment's name is: production must not be taken for another one. */
function tone(environment: string): "production" | "staging" | "other" {
  return environment === "production" || environment === "staging" ? environment : "other";
}

export function TopBar(props: {
  pagesOpen: boolean;
  onPages: () => void;
  onPalette: () => void;
  onShortcuts: () => void;
}) {
  const { email, role, environment, auth } = useSession();
  const chosen = useChoice();
  const navigate = useNavigate();

  function follow(id: string): void {
    if (id === "account") {
      void navigate({ to: "/account" });
    } else if (id === "shortcuts") {
      props.onShortcuts();
    } else if (id === "sign-out") {
      void leave(auth);
    } else {
      choose(id as Choice);
    }
  }

  const keys = isApple() ? "⌘K" : "Ctrl K";
  const items: ButtonDropdownProps.Items = [
    { id: "account", text: "Account", secondaryText: `${email}, ${role}` },
    {
      id: "looks",
      text: "Looks",
      items: CHOICES.map(([id, text]) => ({
        id,
        text,
        itemType: "checkbox",
        checked: chosen === id,
      })),
    },
    { id: "shortcuts", text: "Keys", secondaryText: "?" },
    { id: "sign-out", text: "Sign out" },
  ];

  return (
    <header id="top-bar" className="awsui-context-top-navigation" data-tone={tone(environment)}>
      <button
        type="button"
        className="pages-button"
        aria-label="Pages"
        aria-expanded={props.pagesOpen}
        onClick={props.onPages}
      >
        <svg viewBox="0 0 16 16" width={18} height={18} aria-hidden="true">
          <path d="M1.5 3.5h13M1.5 8h13M1.5 12.5h13" />
        </svg>
      </button>
      <Link to="/" className="brand" aria-label="Skafu, Home">
        <img src="/icon.svg" alt="" width={26} height={26} /> <span>Skafu</span>
      </Link>
      <span className="environment">
        <span className="said">Environment: </span>
        {environment}
      </span>
      <span className="spacer" />
      <button
        type="button"
        className="palette-button"
        aria-label={`Go to anything ${keys}`}
        onClick={props.onPalette}
      >
        <svg viewBox="0 0 16 16" width={16} height={16} aria-hidden="true">
          <circle cx="7" cy="7" r="4.5" />
          <path d="m10.5 10.5 4 4" />
        </svg>
        <span className="wide">Go to anything</span> <kbd className="wide">{keys}</kbd>
      </button>
      <ButtonDropdown
        variant="normal"
        items={items}
        ariaLabel={`Account of ${email}`}
        onItemClick={({ detail }) => follow(detail.id)}
      >
        {initials(email)}
      </ButtonDropdown>
    </header>
  );
}

/** "anna.b@example.com" is AB. */
function initials(email: string): string {
  const parts = email.split("@")[0]?.split(/[._+-]+/) ?? [];
  const letters = parts.map((each) => each.charAt(0)).join("");
  return letters.slice(0, 2).toUpperCase();
}
